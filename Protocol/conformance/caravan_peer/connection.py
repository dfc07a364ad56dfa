"""Frames: their length, their check, and the compressed stream of each direction."""

import base64
import pathlib
from dataclasses import dataclass

import zstandard

from .cells import nothing
from .chunk import IS_LAST, Chunk, Direction
from .hello import Greetings, Hello
from .repair import Repair
from .wire import CODES, Out, Reader, Refusal, malformed, siphash

PREAMBLE, HELLO, CHUNK, ACKNOWLEDGEMENT, REFUSAL, HEARTBEAT, REPAIR = range(1, 8)
BITS_ALLOWED = {PREAMBLE: 0, HELLO: 0, CHUNK: 7, ACKNOWLEDGEMENT: 0, REFUSAL: 0, HEARTBEAT: 1,
                REPAIR: 7}
ANSWERS_GREETING = (HELLO, CHUNK, ACKNOWLEDGEMENT, HEARTBEAT, REPAIR)
COMPRESSIBLE = (CHUNK, REPAIR)
REPAIRS, LIMITS_BYTES, YIELDS, HAS_NONCE = 1, 2, 4, 8      # capabilities
MAGIC, VERSION = b"CRVN", 1
PREAMBLE_MAX, FRAME_MAX, COMPRESSED_FROM = 256, 1 << 20, 40
INFLATED_MAX, INFLATED_FLOOR, INFLATION_MAX = 8 << 20, 16 << 10, 64
MAGICLESS = zstandard.FORMAT_ZSTD1_MAGICLESS
DICTIONARY = pathlib.Path(__file__).parents[2] / "dictionary" / "dictionary-v1.b64"


@dataclass
class Preamble:
    fleet: bytes = None
    device: bytes = None
    version: int = VERSION
    capabilities: int = 0
    allowance: int = None       # how many bytes the other side may send
    nonce: int = None           # of no other connection

    def __post_init__(self):
        if self.allowance is not None:
            self.capabilities |= LIMITS_BYTES
        if self.nonce is not None:
            self.capabilities |= HAS_NONCE


@dataclass
class Acknowledgement:
    applied: int


@dataclass
class Heartbeat:
    is_answer: bool


def inflated_limit(compressed):
    return min(INFLATED_MAX, max(INFLATED_FLOOR, INFLATION_MAX * compressed))


class Stream:
    """The frames of one direction: running check, early segments, and what chunks refer to."""

    def __init__(self, side):
        self.side, self.state, self.is_fresh = side, 0, True
        self.greeting = 0       # the state after the last hello
        self.early = 0          # how many of the segments that follow the hello are still to come
        self.direction = Direction(side, Hello(vectors=nothing(), frontier=nothing()))

    def check(self, frame, kind, other):
        """Takes a frame in, and gives the check that it has to end with; none for the first."""
        answers = kind in ANSWERS_GREETING and not self.early
        self.state = siphash(frame, (self.state, other.greeting if answers else 0))
        is_opening = self.is_fresh and kind == PREAMBLE
        self.is_fresh = False
        if kind == HELLO:
            self.greeting = self.state
        return b"" if is_opening else (self.state & 0xFFFFFFFF).to_bytes(4, "big")

    def passed(self, kind, bits):
        if kind == CHUNK and bits & IS_LAST and self.early:
            self.early -= 1

    def greeted(self, hello):
        if hello.vectors is not None:
            self.direction = Direction(self.side, hello)
        self.early = len(hello.following)


class Connection:
    """Turns messages into frames and bytes into messages. Side 0 opened the connection."""

    def __init__(self, side):
        self.side, self.shared = side, Greetings()
        self.sent, self.received = Stream(side), Stream(1 - side)
        self.buffer, self.has_preamble, self.is_deaf = b"", False, False
        dictionary = zstandard.ZstdCompressionDict(base64.b64decode(DICTIONARY.read_text()))
        settings = zstandard.ZstdCompressionParameters(
            compression_level=6, window_log=15, format=MAGICLESS, write_content_size=False,
            write_checksum=False, write_dict_id=False)
        self.compressor = zstandard.ZstdCompressor(
            dict_data=dictionary, compression_params=settings)
        self.inflater = zstandard.ZstdDecompressor(
            dict_data=dictionary, max_window_size=1 << 20, format=MAGICLESS)
        self.deflating = self.inflating = None
        self.restarts = False

    # MARK: Sending

    def frame(self, message, room=None):
        """A message as bytes; none if it needs more of them than there is room for.

        What was not sent counts as sent for later hellos, chunks and repairs: none may follow.
        """
        plain, text, bits = Out(), Out(), 0
        early = self.sent.early
        if isinstance(message, Preamble):
            kind = PREAMBLE
            plain += MAGIC + bytes([message.version])
            plain.varint(message.capabilities)
            self.shared.can_yield[self.side] = message.capabilities & YIELDS != 0
            plain += message.fleet + message.device
            if message.allowance is not None:
                plain.varint(message.allowance)
            if message.nonce is not None:
                plain += message.nonce.to_bytes(4, "big")
        elif isinstance(message, Hello):
            kind = HELLO
            plain = self.shared.write(message, self.side)
        elif isinstance(message, Chunk):
            kind, bits = CHUNK, message.bits
            if not early:
                self.sent.direction.complete(self.shared.hellos.get(1 - self.side))
            self.sent.direction.write(message, self.shared.writers, plain, text)
        elif isinstance(message, Acknowledgement):
            kind = ACKNOWLEDGEMENT
            self.sent.direction.applied = message.applied
            plain.varint(message.applied)
        elif isinstance(message, Heartbeat):
            kind, bits = HEARTBEAT, 1 if message.is_answer else 0
        elif isinstance(message, Repair):
            kind, bits, text = REPAIR, message.step, message.write()
        else:
            kind = REFUSAL
            code = next(number for number, name in CODES.items() if name == message.code)
            plain.append(code)
            plain.counted(message.text.encode("utf-8")[:160].decode("utf-8", "ignore").encode())
        head, body = self._packed(kind, bits, plain, text)
        is_opening = self.sent.is_fresh and kind == PREAMBLE
        frame = Out().varint(1 + len(body) + (0 if is_opening else 4))
        frame.append(head)
        frame += body
        if room is not None and len(frame) + 4 > room:
            return None
        frame += self.sent.check(bytes(frame), kind, self.received)
        if kind == HELLO:
            self.sent.greeted(message)
        self.sent.passed(kind, bits)
        return bytes(frame)

    def _packed(self, kind, bits, plain, text):
        head = kind | bits << 3
        if kind not in COMPRESSIBLE or len(text) < COMPRESSED_FROM:
            return head, plain + text
        if self.deflating is None:
            self.deflating = self.compressor.compressobj()
        compressed = self.deflating.compress(bytes(text))
        compressed += self.deflating.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        if len(text) > inflated_limit(len(compressed)):
            self.deflating, self.restarts = None, True
            return head, plain + text
        head |= 0x80 | (0x40 if self.restarts else 0)
        self.restarts = False
        return head, Out().counted(plain) + compressed

    # MARK: Receiving

    def feed(self, data):
        """Yields the messages that are whole. A Hello without vectors could not be read."""
        self.buffer += data
        while True:
            frame = self._next_frame()
            if frame is None:
                return
            message = self._message(*frame)
            if message is not None:
                yield message

    def _next_frame(self):
        """Cuts one frame off the buffer: its bytes, and where its head stands."""
        limit = FRAME_MAX if self.has_preamble else PREAMBLE_MAX
        length = place = 0
        while True:
            if place == len(self.buffer):
                return None
            byte = self.buffer[place]
            if place and byte == 0:
                raise malformed("a length that is not in its shortest form")
            length |= (byte & 0x7F) << 7 * place
            if length > limit or place > 6:
                raise Refusal("tooLarge" if self.has_preamble else "malformed", "a frame")
            place += 1
            if byte < 0x80:
                break
        if length == 0:
            raise malformed("a frame without a head")
        if self.received.is_fresh and place < len(self.buffer):
            opening = self.buffer[place:place + min(length, 5)]
            expected = bytes([PREAMBLE]) + MAGIC
            if opening[0] != REFUSAL and opening != expected[:len(opening)]:
                raise malformed("not a Caravan peer")
        if len(self.buffer) < place + length:
            return None
        frame, self.buffer = self.buffer[:place + length], self.buffer[place + length:]
        return frame, place

    def _message(self, frame, place):
        kind, is_early = frame[place] & 7, self.received.early > 0
        is_opening = self.received.is_fresh and kind == PREAMBLE
        end = len(frame) - (0 if is_opening else 4)
        if end <= place:
            raise malformed("a frame without a check")
        if self.received.check(frame[:end], kind, self.sent) != frame[end:]:
            raise Refusal("damaged", "bytes were lost or changed on the way")
        head, bits = frame[place], frame[place] >> 3 & 7
        if kind not in BITS_ALLOWED or bits & ~BITS_ALLOWED[kind]:
            raise malformed("a type or a bit that is not known")
        if head & 0x40 and not head & 0x80 or head & 0x80 and kind not in COMPRESSIBLE:
            raise malformed("a body that must not be compressed")
        self.received.passed(kind, bits)
        plain, text, budget = self._parts(head, frame[place + 1:end])
        if kind == CHUNK and self.is_deaf:
            return None
        message = self._read(kind, bits, is_early, plain, text, budget)
        if kind != PREAMBLE:
            plain.end()
            text.end()
        return message

    def _parts(self, head, body):
        """What stands as it is, what was compressed, and what both may come to."""
        plain = Reader(body)
        if not head & 0x80:
            return plain, plain, inflated_limit(len(body))
        length = plain.count(plain.remaining)
        compressed = body[plain.offset + length:]
        if head & 0x40 or self.inflating is None:
            self.inflating = self.inflater.decompressobj()
        try:
            text = self.inflating.decompress(compressed)
        except zstandard.ZstdError as error:
            raise malformed(str(error)) from error
        if self.inflating.eof:
            raise malformed("the stream ended, where it may only be flushed")
        if len(text) > inflated_limit(len(compressed)):
            raise Refusal("tooLarge", "a body that inflates too far")
        return Reader(plain.raw(length)), Reader(text), inflated_limit(len(body))

    def _read(self, kind, bits, is_early, plain, text, budget):
        if kind == PREAMBLE:
            self.has_preamble = True
            preamble = self._read_preamble(plain)
            self.shared.can_yield[1 - self.side] = preamble.capabilities & YIELDS != 0
            return preamble
        if kind == HELLO:
            hello = self.shared.read(plain, 1 - self.side)
            self.is_deaf = hello.vectors is None
            self.received.greeted(hello)
            return hello
        if kind == CHUNK:
            if not is_early:
                self.received.direction.complete(self.shared.hellos.get(self.side))
            chunk = self.received.direction.read(bits, self.shared.writers, plain, text, budget)
            chunk.is_early = is_early
            return chunk
        if kind == ACKNOWLEDGEMENT:
            applied = plain.varint()
            self.received.direction.applied = applied
            return Acknowledgement(applied)
        if kind == HEARTBEAT:
            return Heartbeat(bits != 0)
        if kind == REPAIR:
            return Repair.read(bits, text)
        code = CODES.get(plain.byte(), "failed")
        try:
            reason = plain.raw(plain.count(160)).decode("utf-8")
        except UnicodeDecodeError as error:
            raise malformed("a refusal's text is not UTF-8") from error
        return Refusal(code, reason, by_peer=True)

    @staticmethod
    def _read_preamble(reader):
        if reader.raw(4) != MAGIC:
            raise malformed("not the magic of a preamble")
        version = reader.byte()
        if version != VERSION:
            return Preamble(version=version)
        capabilities = reader.varint()
        fleet, device = reader.raw(16), reader.raw(16)
        allowance = reader.varint() if capabilities & LIMITS_BYTES else None
        nonce = int.from_bytes(reader.raw(4), "big") if capabilities & HAS_NONCE else None
        return Preamble(fleet, device, version, capabilities, allowance, nonce)
