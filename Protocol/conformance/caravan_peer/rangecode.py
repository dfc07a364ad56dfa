"""The range coder and its models.

Encoder and decoder have the same methods: what is coded is passed to the one and ignored by the
other, and both return it. So what follows is written once for both directions.
"""


class Bit:
    """How probable the outcomes of a choice are; `zeros` is that of False, in 65,536ths."""
    __slots__ = ("zeros", "count")

    def __init__(self, true_once_in=0):
        self.zeros, self.count = 1 << 15, 0
        if true_once_in:
            self.zeros, self.count = 0xFFFF - 0xFFFF // true_once_in, 1

    def learn(self, bit):
        rate = (self.count + 2).bit_length() - 1
        if bit:
            self.zeros -= self.zeros >> rate
        else:
            self.zeros += 0xFFFF - self.zeros >> rate
        self.count = min(self.count + 1, 62)


class Encoder:
    def __init__(self):
        self.low, self.range, self.out = 0, 0xFFFFFFFF, bytearray()

    def bit(self, model, bit):
        bound = (self.range >> 16) * model.zeros
        if bit:
            self.low += bound
            self.range -= bound
        else:
            self.range = bound
        model.learn(bit)
        self._normalize()
        return 1 if bit else 0

    def bits(self, count, value):
        left = count
        while left:
            step = min(left, 16)
            left -= step
            self.range >>= step
            self.low += self.range * (value >> left & (1 << step) - 1)
            self._normalize()
        return value & (1 << count) - 1

    def one_of(self, count, value):
        size = (count - 1).bit_length()
        if size > 16:
            self.one_of((count - 1 >> size - 16) + 1, value >> size - 16)
            self.bits(size - 16, value)
        elif count > 1:
            self.range //= count
            self.low += self.range * value
            self._normalize()
        return value

    def finish(self):
        """The shortest bytes of all that mean the same; behind them the decoder reads zeros."""
        for zeros in range(31, -1, -1):
            rounded = self.low + (1 << zeros) - 1 >> zeros << zeros
            if rounded < self.low + self.range:
                self.low = rounded
                break
        for _ in range(4):
            self._shift()
        return bytes(self.out).rstrip(b"\0")

    def _normalize(self):
        while self.range < 1 << 24:
            self.range <<= 8
            self._shift()

    def _shift(self):
        if self.low >> 32:
            place = len(self.out) - 1
            while self.out[place] == 0xFF:
                self.out[place] = 0
                place -= 1
            self.out[place] += 1
        self.out.append(self.low >> 24 & 0xFF)
        self.low = (self.low & 0xFFFFFF) << 8


class Decoder:
    def __init__(self, data):
        self.data, self.offset, self.range = data, 4, 0xFFFFFFFF
        self.code = int.from_bytes(data[:4].ljust(4, b"\0"), "big")

    def bit(self, model, _=None):
        bound = (self.range >> 16) * model.zeros
        bit = 1 if self.code >= bound else 0
        if bit:
            self.code -= bound
            self.range -= bound
        else:
            self.range = bound
        model.learn(bit)
        self._normalize()
        return bit

    def bits(self, count, _=None):
        value, left = 0, count
        while left:
            step = min(left, 16)
            left -= step
            self.range >>= step
            value = value << step | self._part((1 << step) - 1)
        return value

    def one_of(self, count, _=None):
        if count < 2:
            return 0
        size = (count - 1).bit_length()
        if size > 16:
            upper = self.one_of((count - 1 >> size - 16) + 1)
            return upper << size - 16 | self.bits(size - 16)
        self.range //= count
        return self._part(count - 1)

    def _part(self, highest):
        part = min(self.code // self.range, highest)
        self.code -= part * self.range
        self._normalize()
        return part

    def _normalize(self):
        while self.range < 1 << 24:
            self.range <<= 8
            byte = self.data[self.offset] if self.offset < len(self.data) else 0
            self.offset += 1
            self.code = (self.code << 8 | byte) & 0xFFFFFFFF


class Integers:
    """What integers of one kind tend to be: whether 0, how many bits, the three after the first."""
    __slots__ = ("nodes",)

    def __init__(self):
        self.nodes = None

    def copy(self):
        other = Integers()
        if self.nodes:
            other.nodes = []
            for node in self.nodes:
                bit = Bit()
                bit.zeros, bit.count = node.zeros, node.count
                other.nodes.append(bit)
        return other

    def code(self, coder, value=0):
        if self.nodes is None:
            self.nodes = [Bit() for _ in range(64 + (64 << 3))]
            self.nodes[1], self.nodes[2], self.nodes[4] = Bit(16), Bit(8), Bit(4)
        nodes = self.nodes
        if not coder.bit(nodes[0], value != 0):
            return 0
        size, node = value.bit_length(), 1
        for shift in range(5, -1, -1):
            node = node << 1 | coder.bit(nodes[node], size - 1 >> shift & 1)
        left = node - 64
        base, node, result = 64 + (left << 3), 1, 1
        while left and node < 8:
            left -= 1
            bit = coder.bit(nodes[base + node], value >> left & 1)
            node, result = node << 1 | bit, result << 1 | bit
        return result << left | coder.bits(left, value)
