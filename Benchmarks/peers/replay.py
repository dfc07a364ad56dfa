"""Replays a trace, as Simulations/traces.md describes it, on replicas of one engine."""

import json
import time

import zstandard


class Difference(Exception):
    """Replicas that should be equal are not: what was counted means nothing."""


class Measure:
    """What passed under one label."""

    def __init__(self):
        self.messages = 0
        self.raw = 0
        #: Each message by itself at zstd's level 3, or as it is where that is smaller.
        self.compressed = 0
        #: Processor seconds to make messages and to take them in, without compressing.
        self.seconds = 0.0

    def count(self, compressor, *parts):
        message = b"".join(parts)
        if message:
            self.messages += 1
            self.raw += len(message)
            self.compressed += min(len(message), len(compressor.compress(message)))


class Replay:
    def __init__(self, engine, path):
        self.engine = engine
        self.path = path
        self.replicas = {}
        self.measures = {}
        self.measuring = None
        self.open = set()
        self.seen = set()
        self.clock = 0
        self.compressor = zstandard.ZstdCompressor(level=3, write_content_size=False)

    def replica(self, number):
        if number not in self.replicas:
            self.replicas[number] = self.engine(number)
        return self.replicas[number]

    def run(self):
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    self.perform(json.loads(line))
        return self.measures

    def perform(self, line):
        self.clock = line.get("t", self.clock + 1000)
        if "at" in line:
            self.write(line)
        elif "sync" in line:
            self.meet(*map(self.replica, line["sync"]))
        elif "open" in line:
            self.open.add(frozenset(line["open"]))
            self.meet(*map(self.replica, line["open"]))
        elif "close" in line:
            self.open.discard(frozenset(line["close"]))
        elif "stabilize" in line:
            self.stabilize()
        elif "measure" in line:
            label = line["measure"]
            self.measuring = label and self.measures.setdefault(label, Measure())
        elif "expect" in line:
            self.expect(**line["expect"])

    def write(self, line):
        author = line["at"]
        replica, at = self.replica(author), self.clock
        if "load" in line:
            load = line["load"]
            write = lambda: replica.load(load["profiles"], load["allocations"], at)
        elif "set" in line:
            write = lambda: replica.set(*line["set"], at)
        elif "allocation" in line:
            device, value = line["allocation"]
            write = lambda: replica.allocate(str(device), value, at)
        else:
            write = lambda: replica.use(line["usage"], at)
        peers = [number for pair in self.open if author in pair for number in pair - {author}]
        if not peers:
            return write()
        update = self.timed(lambda: replica.push(write))
        for number in peers:
            self.count(update)
            self.timed(lambda: self.replica(number).take(update))

    def timed(self, work):
        start = time.process_time()
        result = work()
        if self.measuring:
            self.measuring.seconds += time.process_time() - start
        return result

    def count(self, *parts):
        if self.measuring:
            self.measuring.count(self.compressor, *parts)

    def meet(self, one, other):
        """Three messages: a request; the answer and a request; the answer."""
        first = self.timed(one.request)
        self.count(first)
        if self.measuring and one.is_empty() and not other.is_empty():
            return self.bootstrap(one, other, first)
        answer = self.timed(lambda: other.answer(first))
        second = self.timed(other.request)
        self.count(second, answer)
        back = self.timed(lambda: one.answer(second))
        self.count(back)
        if answer:
            self.timed(lambda: one.take(answer))
        if back:
            self.timed(lambda: other.take(back))

    def bootstrap(self, one, other, request):
        """A newcomer gets whichever form of the whole is the smallest once it is compressed."""
        answer = self.timed(lambda: other.answer(request))
        states = other.bootstraps()
        size = lambda state: len(self.compressor.compress(state))
        least = min([answer] + states, key=size)
        self.count(least)
        self.timed(lambda: one.take(least) if least is answer else one.take_bootstrap(least))

    def stabilize(self):
        measuring, self.measuring = self.measuring, None
        host, *others = self.replicas.values()
        for _ in range(2):
            for other in others:
                self.meet(host, other)
        self.measuring = measuring

    def expect(self, equal, usage=None):
        first = self.replica(equal[0]).records()
        if usage is not None and first[2] != usage:
            raise Difference(f"{self.path}: usage {first[2]} instead of {usage}")
        for number in equal[1:]:
            if self.replica(number).records() != first:
                raise Difference(f"{self.path}: devices {equal[0]} and {number} differ")
