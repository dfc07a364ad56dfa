"""The command line: `sync` opens one connection, `serve` answers one, `write` only writes."""

import argparse
import os
import select
import socket
import sys

from .cells import LANES, SIBLING
from .replica import Replica
from .session import Session
from .store import load, make_value, read_bytes, save
from .wire import Refusal

SILENCE = 20    # seconds
DOUBT = 1       # seconds that the other side has to begin a repair


class Cut(Exception):
    """The connection is to break here, as it was asked to."""


def arguments():
    parser = argparse.ArgumentParser(prog="peer.py", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    sync = verbs.add_parser("sync", help="exchange with a device that serves")
    sync.add_argument("host")
    sync.add_argument("port", type=int)
    sync.add_argument("--expect", help="the device that is there; else the one met last")
    sync.add_argument("--patient", action="store_true",
                      help="send no segment before the other side has greeted")
    serve = verbs.add_parser("serve", help="answer one connection")
    serve.add_argument("--port", type=int, default=0)
    write = verbs.add_parser("write", help="write without a connection")
    for verb in (sync, serve):
        verb.add_argument("--verbose", action="store_true", help="print each message")
        verb.add_argument("--allowance", type=int, metavar="BYTES",
                          help="how many bytes the other side may send")
        verb.add_argument("--cut-after-chunks", type=int, metavar="N",
                          help="break the connection once N chunks have arrived")
        verb.add_argument("--cut-after-bytes", type=int, metavar="N",
                          help="break the connection once N bytes have been sent")
        verb.add_argument("--flip-byte", type=int, metavar="N",
                          help="change the N-th byte that is sent, from 0")
    for verb in (sync, serve, write):
        verb.add_argument("--state", required=True, metavar="FILE")
        verb.add_argument("--fleet", help="of a replica that is made now, 32 digits")
        verb.add_argument("--device", help="of a replica that is made now; else random")
        verb.add_argument("--lane", choices=LANES, default="settings", help="of what is written")
        verb.add_argument("--set", nargs=4, action="append", default=[],
                          metavar=("COLLECTION", "ROW", "FIELD", "VALUE"))
        verb.add_argument("--remove", nargs=2, action="append", default=[],
                          metavar=("COLLECTION", "ROW"))
        verb.add_argument("--count", nargs=4, action="append", default=[],
                          metavar=("COLLECTION", "ROW", "FIELD", "AMOUNT"))
        verb.add_argument("--sibling", nargs=5, action="append", default=[],
                          metavar=("COLLECTION", "ROW", "FIELD", "ITEM", "VALUE"))
        verb.add_argument("--propose", choices=LANES, action="append", default=[],
                          help="propose what has been seen of a lane as a cut")
        verb.add_argument("--fill", type=int, default=0, metavar="N",
                          help="set a field of N rows of collection 16")
    return parser.parse_args()


def opened(options):
    if os.path.exists(options.state):
        return load(options.state)
    if not options.fleet:
        raise SystemExit("peer.py: a new replica needs a --fleet")
    device = bytes.fromhex(options.device) if options.device else os.urandom(16)
    return Replica(bytes.fromhex(options.fleet), device)


def key(text):
    return read_bytes(text if text.startswith("hex:") else "text:" + text)


def write(replica, options):
    lane = LANES.index(options.lane)
    for collection, row, field, value in options.set:
        value = int(value[1:]) if value.startswith("#") else value
        replica.set(lane, int(collection), key(row), int(field), make_value(value))
    for collection, row in options.remove:
        replica.remove(lane, int(collection), key(row))
    for collection, row, field, amount in options.count:
        replica.count(lane, int(collection), key(row), int(field), int(amount))
    for collection, row, field, item, value in options.sibling:
        place = lane, int(collection), key(row), int(field), key(item)
        replica.put(place, SIBLING, replica.life(*place[:3]), make_value(value) if value else b"")
    for number in range(options.fill):
        row = b"%019d" % (8999000000000000000 + number)
        replica.set(lane, 16, row, 1, make_value(f"Plan {number} of {number % 7} GB"))
    for lane in options.propose:
        replica.propose(LANES.index(lane))


def exchange(session, connection, options):
    """Carries bytes until both sides are level, then until the other side has closed."""
    connection.setblocking(False)
    session.open()
    sent, is_ending, is_trusted = 0, False, False
    while True:
        is_done = session.is_level and not session.out and not is_ending
        if is_done and (is_trusted or not session.may_be_mended):
            is_done, is_ending = False, True
            connection.shutdown(socket.SHUT_WR)
        readable, writable, _ = select.select(
            [connection], [connection] if session.out else [], [], DOUBT if is_done else SILENCE)
        if not readable and not writable:
            if is_done:
                is_trusted = True
                continue
            raise Refusal("failed", f"nothing happened for {SILENCE} seconds")
        if writable:
            room = len(session.out)
            if options.cut_after_bytes is not None:
                room = min(room, options.cut_after_bytes - sent)
            part = session.out[:room]
            if options.flip_byte is not None and 0 <= options.flip_byte - sent < len(part):
                part[options.flip_byte - sent] ^= 1
            count = connection.send(part)
            sent += count
            del session.out[:count]
            if sent == options.cut_after_bytes:
                drain(connection)
                raise Cut()
        if readable:
            data = connection.recv(1 << 12)
            if not data:
                if not is_ending:
                    raise Refusal("failed", "the connection broke")
                return
            limit = options.cut_after_chunks
            step = len(data) if limit is None else 32
            for start in range(0, 0 if is_ending else len(data), step):
                session.receive(data[start:start + step])
                if limit is not None and session.chunks_received >= limit:
                    raise Cut()


def drain(connection):
    """Sends no more, and waits until the other side has read what was sent and closed."""
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(SILENCE)
    while connection.recv(1 << 12):
        pass


def run(session, connection, options):
    """The exit status."""
    try:
        exchange(session, connection, options)
    except Cut:
        print("cut")
        return 0
    except Refusal as refusal:
        print(f"peer.py: {'the other side refused: ' if refusal.by_peer else ''}{refusal}",
              file=sys.stderr)
        if not refusal.by_peer:
            session.send(refusal)
            try:
                connection.setblocking(True)
                connection.sendall(session.out)
            except OSError:
                pass    # there is nobody to tell
        return 1
    finally:
        connection.close()
    print(f"synced with {session.peer.hex()}")
    return 0


def main():
    options = arguments()
    replica = opened(options)
    write(replica, options)
    save(replica, options.state)
    if options.verb == "write":
        return 0
    log = print if options.verbose else lambda line: None
    if options.verb == "sync":
        expected = bytes.fromhex(options.expect) if options.expect else next(
            reversed(replica.common), None)
        session = Session(0, replica, expected, log, options.patient, options.allowance)
        connection = socket.create_connection((options.host, options.port), SILENCE)
    else:
        session = Session(1, replica, log=log, allowance=options.allowance)
        with socket.create_server(("127.0.0.1", options.port)) as listener:
            print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
            listener.settimeout(SILENCE)
            connection, _ = listener.accept()
    try:
        return run(session, connection, options)
    finally:
        save(replica, options.state)
