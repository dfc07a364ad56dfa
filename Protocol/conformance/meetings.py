#!/usr/bin/env python3
"""Random meetings of two peers with a device that serves: writes, cuts, frontiers, restarts.

usage: meetings.py PORT FLEET FOLDER SEED

At the end all three have to be at one state; check.sh makes the device and compares it.
"""

import random
import socket
import sys

from caravan_peer import cli, store
from caravan_peer.replica import Replica
from caravan_peer.session import Session
from test_peer import SessionTests

MEETINGS = 40


class Harm:
    """What happens to a connection; nothing at first."""
    cut_after_bytes = cut_after_chunks = flip_byte = None


def meet(replica, port, dice, is_harmed):
    harm, lines = Harm(), []
    if is_harmed and dice.random() < 0.4:
        harm.cut_after_bytes = dice.randrange(1, 4000)
    elif is_harmed and dice.random() < 0.4:
        harm.cut_after_chunks = dice.randrange(1, 6)
    expected = next(iter(replica.common), None) if dice.random() < 0.7 else None
    session = Session(0, replica, expected, lines.append, is_patient=dice.random() < 0.4)
    with socket.create_connection(("127.0.0.1", port), cli.SILENCE) as connection:
        try:
            cli.exchange(session, connection, harm)
        except (cli.Cut, ConnectionError):
            return      # as it was asked to
        finally:
            print(*lines, "", sep="\n")
    if "digests differ" in lines:
        raise SystemExit("at equal vectors the digests differ")


def main():
    port, fleet, folder, seed = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), *sys.argv[3:5]
    dice = random.Random(int(seed))
    peers = [Replica(fleet, bytes(15) + bytes([number])) for number in range(2)]
    for replica in peers:
        replica.put((0, 2, replica.device, 0, b""), 2, life=1)
    for _ in range(MEETINGS):
        place = dice.randrange(2)
        for _ in range(dice.randrange(4)):
            SessionTests.write(peers[place], dice)
        if dice.random() < 0.15:
            peers[place].propose(dice.randrange(3))
        SessionTests.acknowledge(peers[place])
        meet(peers[place], port, dice, is_harmed=True)
        if dice.random() < 0.3:
            store.save(peers[place], f"{folder}/peer.json")
            peers[place] = store.load(f"{folder}/peer.json")
    for place in (0, 1, 0):
        meet(peers[place], port, dice, is_harmed=False)
    for place, replica in enumerate(peers):
        store.save(replica, f"{folder}/met{place}.json")


if __name__ == "__main__":
    main()
