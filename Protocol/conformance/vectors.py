"""The files of Protocol/vectors: messages as they stand there, and back."""

import json
import os
import pathlib

from caravan_peer.cells import (
    COUNTER, KINDS, Cell, Summary, has_bytes, has_context, is_stamped, nothing)
from caravan_peer.chunk import Chunk, Head
from caravan_peer.connection import Acknowledgement, Heartbeat, Preamble
from caravan_peer.hello import FRONTIER, GREETING, NONE, STATE, Hello
from caravan_peer.repair import DIFFERENCE, MORE, PART, SKETCH, STEPS, SYMBOLS, Repair
from caravan_peer.store import read_stamp, show_stamp
from caravan_peer.wire import CODES, Out, Refusal

FOLDER = pathlib.Path(os.environ.get(
    "CARAVAN_VECTORS", pathlib.Path(__file__).parents[1] / "vectors"))


def files(folder):
    return [(path.name, json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]


def unhex(text):
    return bytes.fromhex(text.replace(" ", ""))


# MARK: Vectors and sets

def vector_text(vector):
    return [f"{writer.hex()}:{sequence}" for writer, sequence in sorted(vector.items())]


def read_vector(texts):
    return {unhex(text.split(":")[0]): int(text.split(":")[1]) for text in texts}


def vectors_text(vectors):
    return [vector_text(vector) for vector in vectors]


def read_vectors(texts):
    return [read_vector(text) for text in texts] if texts else nothing()


def dots_text(dots):
    runs = []
    for writer, sequence in sorted(dots):
        if runs and runs[-1][0] == writer and runs[-1][2] + 1 == sequence:
            runs[-1][2] = sequence
        else:
            runs.append([writer, sequence, sequence])
    return [f"{writer.hex()}:{first}-{last}" for writer, first, last in runs]


def read_dots(texts):
    dots = set()
    for text in texts or []:
        writer, run = text.split(":")
        first, last = run.split("-")
        dots.update((unhex(writer), sequence) for sequence in range(int(first), int(last) + 1))
    return dots


def without_nothing(members):
    return {name: value for name, value in members.items() if value is not None}


# MARK: Messages as text

def text(message):
    if message is None:
        return {}
    if isinstance(message, Preamble):
        zero = bytes(16)
        return {"preamble": without_nothing({
            "version": message.version, "capabilities": message.capabilities,
            "fleet": (message.fleet or zero).hex(), "device": (message.device or zero).hex(),
            "allowance": message.allowance, "nonce": message.nonce})}
    if isinstance(message, Hello):
        return _hello_text(message)
    if isinstance(message, Chunk):
        head = message.head and without_nothing({
            "applied": message.head.applied, "claim": vector_text(message.head.claim),
            "frontier": None if message.head.frontier is None
            else vector_text(message.head.frontier),
            "clock": show_stamp(message.head.clock),
            "dropped": dots_text(message.head.dropped) or None})
        return {"chunk": without_nothing({
            "lane": message.lane, "head": head, "isLast": message.is_last,
            "cells": [_cell_text(cell) for cell in message.cells]})}
    if isinstance(message, Acknowledgement):
        return {"acknowledgement": {"applied": message.applied}}
    if isinstance(message, Heartbeat):
        return {"heartbeat": {"isAnswer": message.is_answer}}
    if isinstance(message, Repair):
        return _repair_text(message)
    code = next(number for number, name in CODES.items() if name == message.code)
    return {"refusal": {"code": code, "text": message.text}}


def _hello_text(hello):
    if hello.vectors is None:
        return {"unknownReference": f"{hello.unknown_name:016x}"}
    return {"hello": without_nothing({
        "reference": _reference_text(hello), "vectors": vectors_text(hello.vectors),
        "frontier": vectors_text(hello.frontier) if any(hello.frontier) else None,
        "digest": None if hello.digest is None else f"{hello.digest:016x}",
        "applied": hello.applied or None, "following": sorted(hello.following) or None,
        "lateness": hello.lateness, "yielded": sorted(hello.yielded) or None,
        "staged": [dots_text(dots) for dots in hello.staged] if any(hello.staged) else None,
        "isReferenceUnknown": hello.is_reference_unknown or None})}


def _reference_text(hello):
    if hello.kind == NONE:
        return {"none": {"clock": show_stamp(hello.clock)}}
    if hello.kind == FRONTIER:
        return {"frontier": {"vectors": vectors_text(hello.reference),
                             "clock": show_stamp(hello.clock)}}
    if hello.kind == GREETING:
        return {"greeting": {}}
    state = hello.reference
    return {"state": without_nothing({
        "vectors": vectors_text(state.vectors),
        "frontier": vectors_text(state.frontier) if any(state.frontier) else None,
        "digest": f"{state.digest:016x}", "clock": show_stamp(state.clock)})}


def _repair_text(repair):
    step = repair.step
    return {"repair": without_nothing({
        "step": STEPS[step], "key": f"{repair.key:016x}" if step == SKETCH else None,
        "symbols": [{"sum": f"{item:016x}", "check": f"{check:016x}", "count": count}
                    for item, check, count in repair.symbols]
        if step in (SKETCH, SYMBOLS) else None,
        "upTo": repair.up_to if step == MORE else None,
        "wanted": [f"{digest:016x}" for digest in repair.wanted] if step == DIFFERENCE else None,
        "cells": [{"lane": cell.lane, "cell": _cell_text(cell)} for cell in repair.cells]
        if step >= PART else None})}


def _cell_text(cell):
    stamped = is_stamped(cell.kind)
    return without_nothing({
        "collection": cell.collection, "row": cell.row.hex(), "field": cell.field,
        "item": cell.item.hex() or None, "kind": KINDS[cell.kind],
        "dot": f"{cell.dot[0].hex()}:{cell.dot[1]}",
        "timestamp": show_stamp(cell.stamp) if stamped else None,
        "causalLength": cell.life if stamped or cell.life else None,
        "amount": cell.amount if cell.kind == COUNTER else None,
        "value": cell.value.hex() if has_bytes(cell.kind) else None,
        "context": vector_text(cell.context) if has_context(cell.kind) else None})


# MARK: Messages from text

def message(data):
    (name, it), = data.items()
    if name == "preamble":
        return Preamble(unhex(it["fleet"]), unhex(it["device"]), it["version"],
                        it["capabilities"], it.get("allowance"), it.get("nonce"))
    if name == "hello":
        return _hello(it)
    if name == "acknowledgement":
        return Acknowledgement(it["applied"])
    if name == "heartbeat":
        return Heartbeat(it["isAnswer"])
    if name == "refusal":
        return Refusal(CODES[it["code"]], it["text"])
    if name == "repair":
        return Repair(
            STEPS.index(it["step"]), int(it.get("key", "0"), 16),
            [(int(symbol["sum"], 16), int(symbol["check"], 16), symbol["count"])
             for symbol in it.get("symbols", [])],
            it.get("upTo", 0), [int(digest, 16) for digest in it.get("wanted", [])],
            [_cell(placed["lane"], placed["cell"]) for placed in it.get("cells", [])])
    head = it.get("head")
    if head:
        frontier = head.get("frontier")
        head = Head(head["applied"], read_vector(head["claim"]), read_stamp(head["clock"]),
                    None if frontier is None else read_vector(frontier),
                    read_dots(head.get("dropped")))
    return Chunk(it["lane"], head, [_cell(it["lane"], cell) for cell in it["cells"]],
                 it["isLast"])


def _hello(it):
    (name, reference), = it["reference"].items()
    hello = Hello(
        read_vectors(it["vectors"]), read_vectors(it.get("frontier")),
        kind={"none": NONE, "state": STATE, "frontier": FRONTIER, "greeting": GREETING}[name],
        digest=int(it["digest"], 16) if "digest" in it else None, applied=it.get("applied", 0),
        following=set(it.get("following", [])), lateness=it.get("lateness"),
        yielded=set(it.get("yielded", [])),
        staged=[read_dots(texts) for texts in it.get("staged", [[], [], []])],
        is_reference_unknown=it.get("isReferenceUnknown", False))
    if "clock" in reference:
        hello.clock = read_stamp(reference["clock"])
    if name == "state":
        hello.reference = Summary(
            read_vectors(reference["vectors"]), read_vectors(reference.get("frontier")),
            int(reference["digest"], 16), hello.clock)
    if name == "frontier":
        hello.reference = read_vectors(reference["vectors"])
    return hello


def _cell(lane, it):
    kind = next(number for number, name in KINDS.items() if name == it["kind"])
    writer, sequence = it["dot"].split(":")
    value = unhex(it.get("value", ""))
    if kind == COUNTER:
        value = bytes(Out().varint(it["amount"]))
    return Cell(lane, it["collection"], unhex(it["row"]), it["field"], unhex(it.get("item", "")),
                kind, (unhex(writer), int(sequence)), read_stamp(it.get("timestamp", "0+0@0")),
                it.get("causalLength", 0), read_vector(it.get("context", [])), value)
