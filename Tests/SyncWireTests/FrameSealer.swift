import CausalTime

/// Gives the frames of one direction lengths and checks that are right, whatever they hold.
///
/// It does so as the specification says and shares nothing with the encoder.
struct FrameSealer {
    /// What all frames so far come to.
    private(set) var state: UInt64 = 0
    private var isFirst = true

    /// A frame of a head and a body.
    ///
    /// - Parameters:
    ///   - content: Head and body.
    ///   - greeting: What a frame of any type but a preamble or a refusal answers; 0 for a segment
    ///     that was announced.
    /// - Returns: The frame as it goes over the wire.
    mutating func frame(_ content: [UInt8], greeting: UInt64 = 0) -> [UInt8] {
        let type = content[0] & 0b111
        let hasCheck = !(isFirst && type == 1)
        isFirst = false
        var length = content.count + (hasCheck ? 4 : 0)
        var frame: [UInt8] = []
        while length > 0x7f {
            frame.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        frame += [UInt8(length)] + content
        state = StableHash.hash64(
            frame, key: (state, [2, 3, 4, 6, 7].contains(type) ? greeting : 0))
        guard hasCheck else { return frame }
        return frame + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: state >> $0) }
    }
}

/// Both directions of an exchange.
struct ExchangeSealer {
    private var sealers: [Vector.Side: FrameSealer] = [:]
    private var greetings: [Vector.Side: UInt64] = [:]

    /// The state of a direction.
    func state(of side: Vector.Side) -> UInt64 { sealers[side]?.state ?? 0 }

    /// The next frame of a side, with the check that it has to have instead of the one that it has.
    mutating func frame(_ frame: [UInt8], from side: Vector.Side) throws -> [UInt8] {
        guard let parts = FrameParts(beginning: frame[...]), parts.count == frame.count else {
            throw VectorError("not one whole frame: \(frame.hex)")
        }
        let type = frame[parts.headIndex] & 0b111
        let hasCheck = sealers[side] != nil || type != 1
        let content = Array(frame[parts.headIndex...].dropLast(hasCheck ? 4 : 0))
        guard !content.isEmpty else { throw VectorError("no check at the end of \(frame.hex)") }
        let other: Vector.Side = side == .initiator ? .responder : .initiator
        let sealed = sealers[side, default: FrameSealer()].frame(
            content, greeting: greetings[other, default: 0])
        if type == 2 { greetings[side] = state(of: side) }
        return sealed
    }
}

extension ExchangeSealer {
    /// Takes note of what comes before the last frame of a stream that is refused.
    mutating func pass(_ vector: RejectedVector) throws {
        for frame in vector.before { _ = try self.frame(bytes(frame), from: vector.from) }
    }
}

/// What a frame is made of.
struct FrameParts {
    /// Where the head stands: so many bytes are the length.
    let headIndex: Int
    /// How many bytes the frame has.
    let count: Int

    /// The parts of the frame that `stream` begins with; nothing if it is not whole.
    init?(beginning stream: ArraySlice<UInt8>) {
        var length = 0
        guard let end = stream.firstIndex(where: { $0 < 0x80 }) else { return nil }
        for index in stream.startIndex...end {
            length |= Int(stream[index] & 0x7f) << (7 * (index - stream.startIndex))
        }
        headIndex = end + 1 - stream.startIndex
        count = headIndex + length
        guard count <= stream.count else { return nil }
    }

    /// The frames of a stream in which each is whole.
    static func frames(of stream: [UInt8]) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var rest = stream[...]
        while let parts = FrameParts(beginning: rest) {
            frames.append(Array(rest.prefix(parts.count)))
            rest = rest.dropFirst(parts.count)
        }
        return frames
    }

    /// Head and body of each frame of a direction, the first of which is a preamble.
    static func contents(of frames: [[UInt8]]) -> [[UInt8]] {
        frames.enumerated().compactMap { index, frame in
            FrameParts(beginning: frame[...]).map {
                Array(frame[$0.headIndex..<(frame.count - (index == 0 ? 0 : 4))])
            }
        }
    }
}
