"""Integers, readers and hashes: what everything else is written in."""

MASK64 = (1 << 64) - 1
MILLISECONDS_MAX = (1 << 48) - 1
CODES = {1: "malformed", 2: "unsupportedVersion", 3: "otherFleet", 4: "outOfOrder",
         5: "tooLarge", 6: "sameDevice", 7: "failed", 8: "damaged", 9: "budgetSpent"}


class Refusal(Exception):
    """Why one side will not go on. `code` is a name of CODES."""

    def __init__(self, code, text, by_peer=False):
        super().__init__(f"{code}: {text}")
        self.code, self.text, self.by_peer = code, text, by_peer


def malformed(text):
    return Refusal("malformed", text)


def zigzag(signed):
    """0, -1, 1, -2 become 0, 1, 2, 3; differences are modulo 2^64."""
    signed &= MASK64
    return (signed << 1 & MASK64) ^ (MASK64 if signed >> 63 else 0)


def unzigzag(number):
    return -(number + 1 >> 1) if number & 1 else number >> 1


class Out(bytearray):
    """Bytes that are being written."""

    def varint(self, value):
        while value > 0x7F:
            self.append(value & 0x7F | 0x80)
            value >>= 7
        self.append(value)
        return self

    def fixed64(self, value):
        self += value.to_bytes(8, "big")
        return self

    def counted(self, data):
        self.varint(len(data))
        self += data
        return self


class Reader:
    """Reads bytes that nobody vouches for."""

    def __init__(self, data):
        self.data, self.offset = bytes(data), 0

    @property
    def remaining(self):
        return len(self.data) - self.offset

    def raw(self, count):
        if count > self.remaining:
            raise malformed(f"byte {self.offset}: {count} bytes expected")
        self.offset += count
        return self.data[self.offset - count:self.offset]

    def byte(self):
        return self.raw(1)[0]

    def fixed64(self):
        return int.from_bytes(self.raw(8), "big")

    def varint(self, limit=MASK64, code="malformed"):
        value = shift = 0
        while True:
            byte = self.byte()
            if shift and byte == 0:
                raise malformed("a varint that is not in its shortest form")
            value |= (byte & 0x7F) << shift
            shift += 7
            if value > MASK64 or shift > 70:
                raise malformed("a varint of more than 64 bits")
            if byte < 0x80:
                break
        if value > limit:
            raise Refusal(code, f"byte {self.offset}: {value} where at most {limit} may stand")
        return value

    def count(self, limit):
        """How many of something follow, where a limit of the protocol says how many may."""
        return self.varint(limit, "tooLarge")

    def end(self):
        if self.remaining:
            raise malformed(f"{self.remaining} bytes too many")


# MARK: SipHash-2-4

def _rounds(v0, v1, v2, v3, count):
    for _ in range(count):
        v0 = v0 + v1 & MASK64
        v2 = v2 + v3 & MASK64
        v1 = (v1 << 13 & MASK64 | v1 >> 51) ^ v0
        v3 = (v3 << 16 & MASK64 | v3 >> 48) ^ v2
        v0 = v0 << 32 & MASK64 | v0 >> 32
        v2 = v2 + v1 & MASK64
        v0 = v0 + v3 & MASK64
        v1 = (v1 << 17 & MASK64 | v1 >> 47) ^ v2
        v3 = (v3 << 21 & MASK64 | v3 >> 43) ^ v0
        v2 = v2 << 32 & MASK64 | v2 >> 32
    return v0, v1, v2, v3


def siphash(data, key=(0, 0), wide=False):
    """The 64-bit hash as a number; with `wide` the 128-bit one as two."""
    v0, v1 = 0x736F6D6570736575 ^ key[0], 0x646F72616E646F6D ^ key[1]
    v2, v3 = 0x6C7967656E657261 ^ key[0], 0x7465646279746573 ^ key[1]
    v1 ^= 0xEE if wide else 0
    padded = bytes(data) + bytes(7 - len(data) % 8) + bytes([len(data) & 0xFF])
    for place in range(0, len(padded), 8):
        word = int.from_bytes(padded[place:place + 8], "little")
        v0, v1, v2, v3 = _rounds(v0, v1, v2, v3 ^ word, 2)
        v0 ^= word
    v0, v1, v2, v3 = _rounds(v0, v1, v2 ^ (0xEE if wide else 0xFF), v3, 4)
    first = v0 ^ v1 ^ v2 ^ v3
    if not wide:
        return first
    v0, v1, v2, v3 = _rounds(v0, v1 ^ 0xDD, v2, v3, 4)
    return first, v0 ^ v1 ^ v2 ^ v3


# MARK: Columns of integers

def write_column(out, values):
    """A column in the shortest of its five ways, of equally short ones the one of lowest number."""
    if len(values) < 2:
        for value in values:
            out.varint(value)
        return
    steps = [zigzag(two - one) for one, two in zip(values, values[1:])]
    runs = []
    for value in values:
        if runs and runs[-2] == value:
            runs[-1] += 1
        else:
            runs += [value, 1]
    ways = [values, values[:1] if len(runs) == 2 else None, runs, values[:1] + steps]
    bodies = []
    for way in ways:
        body = Out()
        for value in way or []:
            body.varint(value)
        bodies.append(body)
    if max(values) < 256:
        bodies.append(bytes(values))
    mode = min((mode for mode in range(len(bodies)) if bodies[mode]),
               key=lambda mode: (len(bodies[mode]), mode))
    out.append(mode)
    out += bodies[mode]


def read_column(reader, count):
    if count < 2:
        return [reader.varint() for _ in range(count)]
    mode = reader.byte()
    if mode == 0:
        return [reader.varint() for _ in range(count)]
    if mode == 1:
        return [reader.varint()] * count
    if mode == 2:
        values = []
        while len(values) < count:
            value, length = reader.varint(), reader.varint()
            if not 0 < length <= count - len(values):
                raise malformed("a run of another length than is left")
            values += [value] * length
        return values
    if mode == 3:
        values = [reader.varint() for _ in range(count)]
        for index in range(1, count):
            values[index] = values[index - 1] + unzigzag(values[index]) & MASK64
        return values
    if mode == 4:
        return list(reader.raw(count))
    raise malformed(f"column mode {mode}")
