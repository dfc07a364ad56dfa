"""The state of a replica as readable JSON."""

import json
import os

from .cells import COUNTER, KINDS, LANES, Cell, Summary, is_stamped
from .replica import Replica
from .wire import Out, Reader, Refusal, unzigzag, zigzag

COMMON_SAVED = 2


def save(replica, path):
    text = json.dumps({
        "fleet": replica.fleet.hex(), "device": replica.device.hex(),
        "writer": replica.writer and replica.writer.hex(), "digest": f"{replica.digest():016x}",
        "clock": show_stamp(replica.clock),
        "vectors": _show_vectors(replica.vectors), "frontier": _show_vectors(replica.frontier),
        "cells": [_show_cell(cell) for cell in replica.cells()],
        "common": {peer.hex(): [{
            "vectors": _show_vectors(state.vectors),
            "frontier": _show_vectors(state.frontier),
            "digest": f"{state.digest:016x}", "clock": show_stamp(state.clock),
        } for state in states[:COMMON_SAVED]] for peer, states in replica.common.items()},
        "staged": [{"lane": LANES[lane], "claim": _show_vector(claim),
                    "cells": [_show_cell(cell) for cell in cells]}
                   for lane, claim, cells in replica.staged],
    }, indent=1, ensure_ascii=False)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text + "\n")
    os.replace(path + ".new", path)


def load(path):
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    replica = Replica(bytes.fromhex(data["fleet"]), bytes.fromhex(data["device"]))
    replica.writer = bytes.fromhex(data["writer"]) if data["writer"] else None
    replica.clock = read_stamp(data["clock"])
    replica.vectors = _read_vectors(data["vectors"])
    replica.frontier = _read_vectors(data["frontier"])
    for cell in data["cells"]:
        replica.keep(_read_cell(cell))
    for peer, states in data["common"].items():
        replica.common[bytes.fromhex(peer)] = [
            Summary(_read_vectors(state["vectors"]), _read_vectors(state["frontier"]),
                    int(state["digest"], 16), read_stamp(state["clock"]))
            for state in states]
    replica.staged = [(LANES.index(part["lane"]), _read_vector(part["claim"]),
                    [_read_cell(cell) for cell in part["cells"]])
                   for part in data["staged"]]
    if replica.digest() != int(data["digest"], 16):
        raise ValueError(f"{path}: the digest is not that of the cells")
    return replica


def show_bytes(data):
    """Bytes as text if they are printable, else as digits."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    return "text:" + text if text.isprintable() else "hex:" + data.hex()


def read_bytes(text):
    return bytes.fromhex(text[4:]) if text.startswith("hex:") else text[5:].encode("utf-8")


def show_value(value):
    """The bytes of a value as what they mean, if that can be turned back into the same bytes."""
    if value in (b"\0", b"\1"):
        return value == b"\1"
    if value[:1] == b"\3" and show_bytes(value[1:]).startswith("text:"):
        return show_bytes(value[1:])
    if value[:1] == b"\2":
        try:
            number = unzigzag(Reader(value[1:]).varint())
        except Refusal:
            number = 0
        if make_value(number) == value:
            return number
    return "hex:" + value.hex()


def make_value(value):
    """What show_value shows, as bytes; of a plain text the text."""
    if isinstance(value, bool):
        return b"\1" if value else b"\0"
    if isinstance(value, int):
        return bytes(Out(b"\2").varint(zigzag(value)))
    if value.startswith("hex:"):
        return bytes.fromhex(value[4:])
    return b"\3" + value.removeprefix("text:").encode("utf-8")


def show_stamp(stamp):
    return f"{stamp[1] >> 16}+{stamp[1] & 0xFFFF}@{stamp[0]}"


def read_stamp(text):
    milliseconds, rest = text.split("+")
    counter, epoch = rest.split("@")
    return int(epoch), int(milliseconds) << 16 | int(counter)


def _show_vector(vector):
    return {writer.hex(): sequence for writer, sequence in sorted(vector.items())}


def _read_vector(data):
    return {bytes.fromhex(writer): sequence for writer, sequence in data.items()}


def _show_vectors(vectors):
    return {name: _show_vector(vector) for name, vector in zip(LANES, vectors)}


def _read_vectors(data):
    return [_read_vector(data[name]) for name in LANES]


def _show_cell(cell):
    shown = {"lane": LANES[cell.lane], "collection": cell.collection, "row": show_bytes(cell.row),
             "field": cell.field, "kind": KINDS[cell.kind],
             "dot": f"{cell.dot[0].hex()}:{cell.dot[1]}"}
    if cell.item:
        shown["item"] = show_bytes(cell.item)
    if is_stamped(cell.kind):
        shown["stamp"] = show_stamp(cell.stamp)
    if cell.life:
        shown["life"] = cell.life
    if cell.context:
        shown["context"] = _show_vector(cell.context)
    if cell.kind == COUNTER:
        shown["amount"] = cell.amount
    elif cell.value:
        shown["value"] = show_value(cell.value)
    return shown


def _read_cell(data):
    kind = next(number for number, name in KINDS.items() if name == data["kind"])
    writer, sequence = data["dot"].split(":")
    value = make_value(data["value"]) if "value" in data else b""
    if kind == COUNTER:
        value = bytes(Out().varint(data["amount"]))
    return Cell(
        LANES.index(data["lane"]), data["collection"], read_bytes(data["row"]), data["field"],
        read_bytes(data.get("item", "text:")), kind, (bytes.fromhex(writer), int(sequence)),
        read_stamp(data.get("stamp", "0+0@0")), data.get("life", 0),
        _read_vector(data.get("context", {})), value)
