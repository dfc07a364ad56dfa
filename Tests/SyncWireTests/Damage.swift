import SyncTestKit

/// What arrives on a side instead of what was sent to it.
struct Damage {
    /// So many frames arrive as they were sent.
    let intact: Int
    /// Then this.
    let rest: [[UInt8]]
    /// Whether the session has to have ended by then; otherwise it may still be waiting for bytes.
    let endsSession: Bool
    /// What was done to the frames.
    let name: String

    /// Every cut, every flipped bit, and what ``ofFrames(_:within:)`` gives.
    static func all(of frames: [[UInt8]]) -> [Damage] {
        cuts(of: frames) + flips(of: frames) + ofFrames(frames, within: frames.count)
    }

    /// Every frame lost, and every one repeated, or swapped with another, at most so many later.
    static func ofFrames(_ frames: [[UInt8]], within distance: Int) -> [Damage] {
        losses(of: frames) + repetitions(of: frames, within: distance)
            + swaps(of: frames, within: distance)
    }

    private static func cuts(of frames: [[UInt8]]) -> [Damage] {
        frames.indices.flatMap { index in
            (0..<frames[index].count).map {
                Damage(
                    intact: index, rest: [Array(frames[index].prefix($0))], endsSession: false,
                    name: "cut in frame \(index) after \($0) bytes")
            }
        }
    }

    private static func flips(of frames: [[UInt8]]) -> [Damage] {
        frames.indices.flatMap { index in
            let lengthBytes = FrameParts(beginning: frames[index][...])?.headIndex ?? 0
            return (0..<(8 * frames[index].count)).map { bit in
                var flipped = frames[index]
                flipped[bit / 8] ^= 1 << UInt8(bit % 8)
                // A greater length waits for more. A preamble is checked by what follows it.
                return Damage(
                    intact: index, rest: [flipped] + frames[(index + 1)...],
                    endsSession: bit / 8 >= lengthBytes,
                    name: "bit \(bit % 8) of byte \(bit / 8) of frame \(index) flipped")
            }
        }
    }

    private static func losses(of frames: [[UInt8]]) -> [Damage] {
        frames.indices.map { index in
            Damage(
                intact: index, rest: Array(frames[(index + 1)...]),
                endsSession: index < frames.count - 1, name: "frame \(index) lost")
        }
    }

    private static func repetitions(
        of frames: [[UInt8]], within distance: Int
    ) -> [Damage] {
        frames.indices.flatMap { last in
            (max(0, last - distance)...last).map {
                Damage(
                    intact: last + 1, rest: [frames[$0]] + frames[(last + 1)...],
                    endsSession: true, name: "frame \($0) again after frame \(last)")
            }
        }
    }

    private static func swaps(of frames: [[UInt8]], within distance: Int) -> [Damage] {
        frames.indices.flatMap { second in
            (max(0, second - distance)..<second).map { first in
                var swapped = frames
                swapped.swapAt(first, second)
                return Damage(
                    intact: first, rest: Array(swapped[first...]), endsSession: true,
                    name: "frames \(first) and \(second) swapped")
            }
        }
    }

    /// Some damage to bytes, cut into pieces of any size; nothing if the bytes stay as they were.
    static func random(of frames: [[UInt8]], using random: inout SplitMix64) -> Damage? {
        let stream = Array(frames.joined())
        var damaged = stream
        var name = "damage"
        for _ in 0...random.below(2) {
            let start = random.below(damaged.count)
            let range = start..<min(damaged.count, start + 1 + random.below(40))
            switch random.below(5) {
            case 0: damaged.removeSubrange(range)
            case 1: damaged.insert(contentsOf: damaged[range], at: range.upperBound)
            case 2: damaged.insert(contentsOf: damaged[range], at: random.below(start + 1))
            case 3: damaged[start] ^= 1 << UInt8(random.below(8))
            default: for index in range { damaged[index] = UInt8(random.below(256)) }
            }
            guard !damaged.isEmpty else { return nil }
            name += " at \(range)"
        }
        guard let first = zip(stream, damaged).enumerated().first(where: { $1.0 != $1.1 })?.offset
        else { return nil }
        let ends = frames.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
        let intact = ends.dropFirst().count { $0 <= first }
        var rest: [[UInt8]] = []
        var left = damaged[ends[intact]...]
        while !left.isEmpty {
            let count = min(left.count, 1 + random.below(300))
            rest.append(Array(left.prefix(count)))
            left = left.dropFirst(count)
        }
        return Damage(intact: intact, rest: rest, endsSession: false, name: name)
    }
}
