#!/usr/bin/env python3
"""Checks of the small peer by itself: vectors of the specification, and sessions in memory."""

import random
import re
import unittest
from dataclasses import replace

import vectors
from caravan_peer.cells import COUNTER, FACT, MAXIMUM, ROW, SIBLING, Cell, is_stamped
from caravan_peer.connection import Connection, Preamble
from caravan_peer.hello import FRONTIER, STATE, Hello
from caravan_peer.rangecode import Bit, Decoder, Encoder, Integers
from caravan_peer.replica import Replica
from caravan_peer.session import Session
from caravan_peer.sketch import NotFound, compare, sketch
from caravan_peer.store import make_value
from caravan_peer.wire import Out, Reader, Refusal, read_column, siphash, write_column

SIDES = {"initiator": 0, "responder": 1}
SPECIFICATION = vectors.FOLDER.parent / "caravan-sync-v1.md"


class HashTests(unittest.TestCase):
    def test_a_writer_and_a_cell_of_the_specification(self):
        device = bytes.fromhex("00700000000000000000000000000070")
        first, second = siphash(device + (1).to_bytes(8, "big"), wide=True)
        writer = first.to_bytes(8, "big") + second.to_bytes(8, "big")
        self.assertEqual(writer.hex(), "afb7b44d834c90e6aab9a6dfaf923723")
        block = re.search(r"```canonical\n(.*?)```", SPECIFICATION.read_text(), re.S).group(1)
        data = bytes.fromhex(block)
        self.assertEqual(siphash(data[:-8]), int.from_bytes(data[-8:], "big"))
        cell = Cell(1, 2, b"8981", 0, b"", 2, (writer, 1), (0, 1_764_000_000_000 << 16), 1)
        self.assertEqual(cell.canonical(), data[:-8])


class CodeTests(unittest.TestCase):
    def test_what_is_coded_is_decoded(self):
        dice = random.Random(7)
        for _ in range(200):
            steps = [(dice.randrange(4), dice.getrandbits(dice.choice((1, 8, 17, 40, 64))))
                     for _ in range(dice.randrange(60))]
            data = self.coded(Encoder(), steps)
            self.assertEqual(self.coded(Decoder(data), steps, decoding=True),
                             [value for _, value in steps])

    @staticmethod
    def coded(coder, steps, decoding=False):
        integers, bit, values = Integers(), Bit(), []
        for kind, value in steps:
            given = () if decoding else (value,)
            if kind == 0:
                values.append(integers.code(coder, *given))
            elif kind == 1:
                values.append(coder.bits(64, *given))
            elif kind == 2:
                values.append(coder.one_of(1 << 64, *given))
            else:
                high = coder.bit(bit, *(given and (value >> 63,)))
                values.append(high << 63 | coder.bits(
                    63, *(given and (value & (1 << 63) - 1,))))
        return values if decoding else coder.finish()

    def test_columns(self):
        dice = random.Random(8)
        for _ in range(500):
            top = dice.choice((1, 3, 300, 1 << 63))
            values = [dice.randrange(top) for _ in range(dice.randrange(8))]
            out = Out()
            write_column(out, values)
            reader = Reader(out)
            self.assertEqual(read_column(reader, len(values)), values)
            reader.end()


class VectorTests(unittest.TestCase):
    def pair(self):
        return [Connection(0), Connection(1)]

    @staticmethod
    def recall(end, message):
        """Lets a side know what a greeting to it is told against."""
        if isinstance(message, Hello) and message.kind == STATE:
            end.shared.candidates.append(message.reference)
        if isinstance(message, Hello) and message.kind == FRONTIER:
            end.shared.frontier = message.reference

    def test_frames_are_messages(self):
        found = vectors.files(vectors.FOLDER)
        self.assertGreater(len(found), 12)
        for name, vector in found:
            with self.subTest(name):
                ends = self.pair()
                for frame in vector["frames"]:
                    side = SIDES[frame["from"]]
                    sent = vectors.message(frame.get("sent", frame["message"]))
                    if "sent" not in frame:
                        self.recall(ends[1 - side], sent)
                    made = ends[side].frame(sent)
                    data = vectors.unhex(frame["hex"])
                    if vector["replay"] == "both":
                        self.assertEqual(made.hex(), data.hex())
                    read = list(ends[1 - side].feed(data)) or [None]
                    self.assertEqual([vectors.text(one) for one in read], [frame["message"]])

    def test_what_breaks_a_rule_is_refused(self):
        found = vectors.files(vectors.FOLDER / "rejected")
        self.assertGreater(len(found), 30)
        for name, vector in found:
            with self.subTest(name):
                end = Connection(1 - SIDES[vector["from"]])
                for reference in vector.get("known", []):
                    self.recall(end, vectors.message({"hello": {
                        "reference": reference, "vectors": [[], [], []]}}))
                for frame in vector["before"]:
                    self.assertLessEqual(len(list(end.feed(vectors.unhex(frame)))), 1)
                for message in vector.get("sent", []):
                    end.frame(vectors.message(message))
                with self.assertRaises(Refusal) as refusal:
                    list(end.feed(vectors.unhex(vector["hex"])))
                self.assertEqual(refusal.exception.code, vector["code"], refusal.exception)

    def test_an_allowance_stands_in_the_preamble(self):
        sent = Preamble(FLEET, bytes(16), capabilities=1, allowance=300)
        self.assertEqual(list(Connection(1).feed(Connection(0).frame(sent))), [sent])
        self.assertEqual(sent.capabilities, 3)

    def test_a_nonce_stands_in_the_preamble(self):
        sent = Preamble(FLEET, bytes(16), capabilities=1, allowance=300, nonce=1 << 31)
        self.assertEqual(list(Connection(1).feed(Connection(0).frame(sent))), [sent])
        self.assertEqual(sent.capabilities, 11)


FLEET = bytes(15) + b"\1"


class SketchTests(unittest.TestCase):
    def test_what_differs_is_found_once_enough_symbols_are_there(self):
        dice = random.Random(10)
        for wanted in (0, 1, 3, 40, 300):
            both = [dice.getrandbits(64) for _ in range(100)]
            theirs, ours = ([dice.getrandbits(64) for _ in range(wanted)] for _ in range(2))
            count, found = 16, None
            while found is None:
                found = compare(sketch(both + theirs, 7, count), {*both, *ours}, 7)
                count *= 2
            self.assertEqual([sorted(one) for one in found], [sorted(theirs), sorted(ours)])

    def test_symbols_of_no_set_tell_nothing(self):
        with self.assertRaises(NotFound):
            compare(sketch([5], 7, 1) * 16, {6}, 7)


class SessionTests(unittest.TestCase):
    """Sessions between replicas in memory, carried in pieces of any size."""

    def meet(self, one, two, dice, cut=None):
        """Lets two meet. Returns whether they came to be level before so many bytes had passed."""
        expected = dice.choice((two.device, None)) if two.device in one.common else None
        self.sides = Session(0, one, expected), Session(1, two)
        if not self.carry(self.sides, dice, cut):
            return False
        self.assertTrue(all(side.is_level for side in self.sides))
        self.assertEqual(one.vectors, two.vectors)
        self.assertEqual(one.digest(), two.digest())
        return True

    @staticmethod
    def carry(sides, dice, cut=None):
        """Carries bytes while there are some. Returns whether fewer had to pass than there are."""
        sides[0].open()
        passed = 0
        while any(side.out for side in sides):
            side = dice.choice([side for side in (0, 1) if sides[side].out])
            size = dice.choice((1, 20, 1000, 100_000))
            part = bytes(sides[side].out[:size])
            del sides[side].out[:size]
            if cut is not None and passed + len(part) > cut:
                return False
            passed += len(part)
            sides[1 - side].receive(part)
        return True

    def level(self, dice, writes=8):
        """Two that have met, and remember nothing of it."""
        fleet = [Replica(FLEET, bytes(15) + bytes([number])) for number in range(2)]
        for replica in fleet:
            for _ in range(writes):
                self.write(replica, dice)
        for number in range(100):
            fleet[0].set(1, 18, b"%d" % number, 1, make_value(number))
        self.meet(*fleet, dice)
        for replica in fleet:
            replica.common.clear()
        return fleet

    def test_cells_that_one_side_lost_come_back(self):
        for count in (1, 3, 40):
            for loses in ((0,), (1,), (0, 1)):
                with self.subTest(count=count, loses=loses):
                    dice = random.Random(count)
                    fleet = self.level(dice)
                    before = fleet[0].digest()
                    lost = dice.sample(fleet[0].cells(1, 18), count * len(loses))
                    for number, cell in enumerate(lost):
                        fleet[loses[number % len(loses)]].drop(cell)
                    self.meet(*fleet, dice)
                    self.assertEqual(fleet[0].digest(), before)
                    if count > 16:
                        self.assertGreater(self.sides[0].mending.told, 16)

    def test_one_of_two_contents_of_a_write_stays(self):
        for place in range(2):
            with self.subTest(place):
                dice = random.Random(place)
                fleet = self.level(dice)
                fleet[0].set(1, 16, b"row", 1, make_value("right"))
                self.meet(*fleet, dice)
                fleet[0].common.clear()
                cell = fleet[place].cell((1, 16, b"row", 1, b"", b""))
                fleet[place].keep(replace(cell, value=make_value("wrong")))
                self.meet(*fleet, dice)
                values = {one.cell(cell.key).value for one in fleet}
                self.assertEqual(values, {make_value("wrong")})

    def test_whatever_is_broken_both_come_to_the_same(self):
        for seed in range(12):
            with self.subTest(seed):
                dice = random.Random(seed)
                fleet = self.level(dice, writes=4)
                for replica in fleet:
                    self.damage(replica, dice)
                self.meet(*fleet, dice)

    @staticmethod
    def damage(replica, dice):
        """Loses and changes cells, but so that each by itself is one that could be held.

        Those of control stay: without them frontiers differ, and nobody begins a repair (R99).
        """
        cells = replica.cells(1) + replica.cells(2)
        for cell in dice.sample(cells, min(len(cells), dice.choice((1, 5, 30)))):
            if replica.cell(cell.key) != cell:
                continue    # it went with its row
            replica.drop(cell)
            how = dice.randrange(4)
            if how == 1 and cell.value and cell.kind != COUNTER:
                replica.keep(replace(cell, value=make_value(dice.randrange(99))))
            elif how == 2 and is_stamped(cell.kind):
                ticks = max(0, cell.stamp[1] - dice.randrange(9))
                replica.keep(replace(cell, stamp=(cell.stamp[0], ticks)))
            elif how == 3 and cell.kind == ROW:
                replica.merge(replace(cell, life=cell.life + 1))

    @staticmethod
    def write(replica, dice):
        row = bytes([65 + dice.randrange(6)])
        for _ in range(dice.choice((1, 1, 3, 60))):
            number = dice.randrange(7)
            if number < 3:
                replica.set(1, 16, row, 1 + dice.randrange(3), make_value(dice.choice(
                    ("12345", "text of a plan", dice.randrange(-9, 10 ** 9), True))))
            elif number == 3:
                replica.remove(1, 16, row)
            elif number == 4:
                replica.count(2, 24, row, 1, dice.randrange(1000))
            elif number == 5:
                replica.put((1, 20, row, 2, b"item"), SIBLING,
                            value=dice.choice((b"", make_value("mine"))))
            else:
                replica.set(1, 17, b"%08d" % dice.randrange(3000), 1, make_value("row"))

    def test_replicas_that_meet_and_are_cut_off_come_to_the_same(self):
        for seed in range(6):
            with self.subTest(seed):
                dice = random.Random(seed)
                fleet = [Replica(FLEET, bytes(15) + bytes([number])) for number in range(3)]
                for replica in fleet:
                    replica.put((0, 2, replica.device, 0, b""), 2, life=1)
                for _ in range(6):
                    one, two = dice.sample(fleet, 2)
                    self.write(dice.choice(fleet), dice)
                    if dice.random() < 0.2:
                        dice.choice(fleet).propose(dice.randrange(3))
                    self.acknowledge(dice.choice(fleet))
                    self.meet(one, two, dice, dice.choice((None, dice.randrange(3000))))
                for one, two in ((0, 1), (1, 2), (0, 1), (0, 2)):
                    self.meet(fleet[one], fleet[two], dice)
                self.assertEqual(len({replica.digest() for replica in fleet}), 1)

    @staticmethod
    def acknowledge(replica):
        """Acknowledges the latest cut of each lane that is wholly seen."""
        for lane in range(3):
            cuts = [cell for cell in replica.cells(0, 3) if cell.field == lane + 1
                    and all(sequence <= replica.vectors[lane].get(writer, 0)
                            for writer, sequence in cell.context.items())]
            if cuts:
                best = max(cuts, key=lambda cell: (sum(cell.context.values()), cell.stamp))
                place = 0, 4, replica.device, lane + 1, b""
                held = replica.siblings(place)
                if not any(cell.value[1:] == best.row for cell in held):
                    replica.put(place, SIBLING, value=b"\4" + best.row)

    def test_kinds_merge_whatever_the_order(self):
        dice = random.Random(9)
        kinds = (1, 3, FACT, SIBLING, MAXIMUM, 7, 65)
        for _ in range(300):
            kind = dice.choice(kinds)
            cells = []
            for number in range(1, 5):
                dot = bytes(15) + bytes([dice.randrange(2)]), number
                stamp, life = (0, dice.randrange(3)), dice.randrange(3)
                cells.append(Cell(1, 16, b"r", 1, b"", kind, dot, stamp, life, {}, b"\1"))
            ends = set()
            for _ in range(4):
                replica = Replica(FLEET, bytes(16))
                dice.shuffle(cells)
                for cell in cells:
                    replica.merge(cell)
                ends.add(tuple(cell.dot for cell in replica.cells()))
            self.assertEqual(len(ends), 1)

    def test_an_allowance_is_kept_to_and_what_came_stays(self):
        dice = random.Random(11)
        one, two = (Replica(FLEET, bytes(15) + bytes([number])) for number in range(2))
        for number in range(1000):
            one.set(1, 18, b"%d" % number, 1, make_value(f"text {dice.randrange(1000)}"))
        refused = 0
        while one.vectors != two.vectors:
            sides = Session(0, one), Session(1, two, allowance=2_500)
            try:
                self.carry(sides, dice)
            except Refusal as refusal:
                self.assertEqual(refusal.code, "budgetSpent")
                refused += 1
            self.assertLessEqual(sides[0].sent, 2_500)
        self.assertGreater(refused, 0)
        self.assertEqual(one.digest(), two.digest())

    def test_what_was_sent_whole_is_acknowledged_before_an_allowance_is_spent(self):
        one, two = (Replica(FLEET, bytes(15) + bytes([number])) for number in range(2))
        for number in range(3000):
            one.count(2, 24, b"%d" % number, 1, number)
        one.set(1, 18, b"row", 1, make_value("small"))
        with self.assertRaises(Refusal) as refusal:
            self.carry((Session(0, one), Session(1, two, allowance=600)), random.Random(12))
        self.assertEqual(refusal.exception.code, "budgetSpent")
        self.assertEqual([a == b for a, b in zip(one.vectors, two.vectors)], [True, True, False])

    def test_strangers_are_refused(self):
        for other in (Preamble(bytes(16), bytes(16)), Preamble(FLEET, bytes(15) + b"\2"),
                      Preamble(FLEET, bytes(16), version=2)):
            session = Session(1, Replica(FLEET, bytes(15) + b"\2"))
            with self.assertRaises(Refusal):
                session.receive(Connection(0).frame(other))
            self.assertEqual(session.out, b"")


if __name__ == "__main__":
    unittest.main(verbosity=0)
