#!/usr/bin/env python3
"""Compares a state of peer.py with what `sync-inspect summary --json` says of a replica.

usage: compare.py STATE REPORT [NAME]...        only what is named, otherwise everything
"""

import collections
import datetime
import json
import sys

from caravan_peer.cells import LANES, is_row
from caravan_peer.store import load

FIELDS = {1: "nickname", 2: "provider", 3: "home-plmn", 4: "apn", 5: "roaming"}
PROFILES = 1, 16


def told(report):
    """What a report says, in the words of facts()."""
    clock = report["clock"]
    moment = datetime.datetime.fromisoformat(clock["time"].replace("Z", "+00:00"))
    return {
        "fleet": report["fleet"], "digest": report["digest"],
        "clock": (clock["epoch"], round(moment.timestamp() * 1000), clock["counter"]),
        "cells": {lane["lane"]: lane["cells"] for lane in report["lanes"]},
        "seen": {writer["id"]: writer["sequences"] for writer in report["writers"]},
        "profiles": {profile["iccid"]: profile["fields"] for profile in report["profiles"]},
        "violations": report["violations"],
    }


def facts(replica):
    seen, profiles = collections.defaultdict(dict), {}
    for name, vector in zip(LANES, replica.vectors):
        for writer, sequence in vector.items():
            seen[writer.hex()][name] = sequence
    for cell in replica.cells(*PROFILES):
        if is_row(cell.kind) and cell.life % 2:
            profiles[cell.row.decode()] = {}
        elif not is_row(cell.kind) and cell.row.decode() in profiles:
            text = cell.value[1:].decode(errors="replace")
            value = {b"\0": "false", b"\1": "true"}.get(cell.value, text)
            profiles[cell.row.decode()][FIELDS[cell.field]] = value
    epoch, ticks = replica.clock
    return {
        "fleet": replica.fleet.hex(), "digest": f"{replica.digest():016x}",
        "clock": (epoch, ticks >> 16, ticks & 0xFFFF),
        "cells": {name: len(replica.cells(lane)) for lane, name in enumerate(LANES)},
        "seen": dict(seen), "profiles": profiles, "violations": [],
    }


def main():
    ours = facts(load(sys.argv[1]))
    with open(sys.argv[2], encoding="utf-8") as file:
        theirs = told(json.load(file))
    differences = [name for name in sys.argv[3:] or ours if ours[name] != theirs[name]]
    for name in differences:
        print(f"{name}: the peer has {ours[name]}, the device {theirs[name]}", file=sys.stderr)
    return 1 if differences else 0


sys.exit(main())
