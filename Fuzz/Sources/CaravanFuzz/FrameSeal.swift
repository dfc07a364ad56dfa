import CausalTime
import SyncEngine

/// Gives frames the checks that they must have, as the specification says: otherwise nothing that a
/// search makes up would ever get further than to the check.
struct FrameSeal {
    private struct Direction {
        var state: UInt64 = 0
        var greeting: UInt64 = 0
        var isFresh = true

        /// Takes in length, head and body; what the check is, if there is one.
        mutating func take(_ covered: [UInt8], type: UInt8, answering greeting: UInt64) -> [UInt8] {
            let isAnswer = [2, 3, 4, 6].contains(type)
            let hasCheck = !isFresh || type != 1
            state = StableHash.hash64(covered, key: (state, isAnswer ? greeting : 0))
            if type == 2 { self.greeting = state }
            isFresh = false
            return hasCheck
                ? [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: state >> $0) } : []
        }

        func hasCheck(_ type: UInt8) -> Bool { !isFresh || type != 1 }
    }

    private var incoming = Direction()
    private var outgoing = Direction()

    /// A frame of a head and a body for the side under test.
    mutating func frame(_ content: [UInt8], isAnswer: Bool) -> [UInt8] {
        let type = (content.first ?? 0) & 0b111
        var length = content.count + (incoming.hasCheck(type) ? 4 : 0)
        var covered: [UInt8] = []
        while length > 0x7f {
            covered.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        covered += [UInt8(length)] + content
        return covered
            + incoming.take(covered, type: type, answering: isAnswer ? outgoing.greeting : 0)
    }

    /// Takes note of what the side under test has sent: what answers it has to fit it.
    mutating func note(_ stream: [UInt8]) {
        for frame in Self.frames(of: stream) {
            let type = frame.bytes[frame.head] & 0b111
            let covered = Array(frame.bytes.dropLast(outgoing.hasCheck(type) ? 4 : 0))
            _ = outgoing.take(covered, type: type, answering: incoming.greeting)
        }
    }

    /// The frames of a stream in which each is whole.
    static func frames(of stream: [UInt8]) -> [(bytes: [UInt8], head: Int)] {
        var frames: [(bytes: [UInt8], head: Int)] = []
        var start = 0
        while start < stream.count {
            var length = 0
            var head = start
            while head < stream.count {
                length |= Int(stream[head] & 0x7f) << (7 * (head - start))
                head += 1
                if stream[head - 1] < 0x80 { break }
            }
            require(
                length > 0 && head + length <= stream.count, "what was sent is no whole frame")
            frames.append((Array(stream[start..<head + length]), head - start))
            start = head + length
        }
        return frames
    }

    /// Head and body of the frames of a direction, from its first byte on.
    static func contents(of stream: [UInt8]) -> [[UInt8]] {
        frames(of: stream).enumerated().map { number, frame in
            Array(frame.bytes[frame.head...].dropLast(number == 0 ? 0 : 4))
        }
    }
}
