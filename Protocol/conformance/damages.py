#!/usr/bin/env python3
"""Damages a peer at random, and lets a device that serves repair it.

usage: damages.py PORT FLEET SEED

After every repair the two have to tell each other the same digest.
"""

import random
import socket
import sys

from caravan_peer import cli
from caravan_peer.replica import Replica
from caravan_peer.session import Session
from meetings import Harm
from test_peer import SessionTests

ROUNDS = 25


def meet(replica, port):
    """Lets both meet as if for the first time, so that digests are told. Gives what was said."""
    replica.common.clear()
    lines = []
    session = Session(0, replica, log=lines.append)
    with socket.create_connection(("127.0.0.1", port), cli.SILENCE) as connection:
        cli.exchange(session, connection, Harm())
    print(*lines, "", sep="\n")
    return lines


def main():
    port, fleet, seed = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3])
    dice, replica = random.Random(seed), Replica(fleet, bytes(15) + b"\2")
    repairs = 0
    for _ in range(ROUNDS):
        for _ in range(dice.randrange(3)):
            SessionTests.write(replica, dice)
        meet(replica, port)
        SessionTests.damage(replica, dice)
        repairs += "sends repair: sketch" in "\n".join(meet(replica, port))
        if "digests agree" not in meet(replica, port):
            raise SystemExit("a repair has not made both level")
    if repairs < ROUNDS // 4:
        raise SystemExit(f"only {repairs} repairs were needed")


if __name__ == "__main__":
    main()
