"""Sketches: symbols that tell how two sets of hashes differ, and cost as much as the difference."""

import math
from functools import lru_cache

from .wire import MASK64, siphash

SYMBOLS_FIRST, SYMBOLS_MAX, DIFFERENCES_MAX = 16, 65_536, 32_768
EMPTY = 0, 0, 0     # a symbol: the exclusive or of items, that of their checks, their number


class NotFound(Exception):
    """What differs cannot be told: it is too much, or the symbols are of no set."""


@lru_cache(1 << 16)
def _check(item, key):
    return siphash(item.to_bytes(8, "little"), (key, 0))


def _walk(check, count):
    """Which of so many symbols an item is part of."""
    index, state = 0, check
    while index < count:
        yield index
        state = state + 0x9E3779B97F4A7C15 & MASK64
        mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK64
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & MASK64
        mixed ^= mixed >> 31
        share = ((mixed >> 11) + 1) / (1 << 53)
        index += max(1, math.ceil((index + 1.5) * (1 / math.sqrt(share) - 1)))


def _minus(one, two):
    return one[0] ^ two[0], one[1] ^ two[1], one[2] - two[2]


def sketch(items, key, count):
    """The first symbols of a set."""
    symbols = [EMPTY] * count
    for item in items:
        check = _check(item, key)
        for index in _walk(check, count):
            symbols[index] = _minus(symbols[index], (item, check, -1))
    return symbols


def compare(symbols, items, key):
    """What only their set has, and what only ours; nothing while too few symbols are there."""
    rest = [_minus(one, two) for one, two in zip(symbols, sketch(items, key, len(symbols)))]
    found, unread = {}, list(range(len(rest)))
    while unread:
        place = unread.pop()
        item, check, number = rest[place]
        if abs(number) != 1 or check != _check(item, key):
            continue
        if item in found or (item in items) != (number < 0) or len(found) == DIFFERENCES_MAX:
            raise NotFound()
        found[item] = number
        for index in _walk(check, len(rest)):
            rest[index] = _minus(rest[index], (item, check, number))
            unread.append(index)
        if rest[place] != EMPTY:
            raise NotFound()
    if any(symbol != EMPTY for symbol in rest):
        return None
    return ([item for item, number in found.items() if number > 0],
            [item for item, number in found.items() if number < 0])
