package import CausalTime

/// Foretells when a write was made from when its writer made others, so that only the error is
/// sent.
///
/// Both ends of a direction keep one for each segment and teach it every timestamp in the same
/// order. A writer's timestamps rise with its sequences, so between two known writes the time is
/// about where the sequence is.
package struct StampModel: Sendable {
    fileprivate struct Point {
        let sequence: UInt64
        let milliseconds: UInt64
        let logical: UInt64
    }

    /// What can be said of a write before its timestamp is known.
    package struct Forecast {
        /// When it was made, in milliseconds.
        package let milliseconds: UInt64
        /// How sure that is: the same for writes of which it can be foretold as well.
        package let context: Int
        /// Known writes next to it, before and after.
        fileprivate let neighbours: [(point: Point, distance: Int64)]

        /// The counter of the write, once its milliseconds are known: writes of one transaction
        /// follow each other.
        package func logical(at milliseconds: UInt64) -> (value: UInt64, context: Int) {
            for (point, distance) in neighbours where point.milliseconds == milliseconds {
                let logical = Int64(truncatingIfNeeded: point.logical) &+ distance
                return (UInt64(max(0, min(logical, 0xffff))), 1)
            }
            return (0, 0)
        }
    }

    private var points: [WriterID: [Point]] = [:]
    private var latest: UInt64

    /// How many writes of a writer are kept; beyond that only the one with the highest sequence
    /// changes.
    package static let pointsMax = 4096
    /// How many contexts there are: 0 for writes of which nothing is known, 1 to 3 beside one known
    /// write, 4 to 6 between two, the nearer the lower.
    package static let contextCount = 7

    /// Knows nothing but the clock of the segment.
    package init(clock: UInt64) { latest = clock }

    /// What can be foretold of a write.
    ///
    /// Between two known writes of the writer: in proportion to the sequences. Next to one: at the
    /// time of that one. Of a writer without any: at the time of the write before in the segment.
    package func forecast(of dot: Dot) -> Forecast {
        guard let known = points[dot.writer], !known.isEmpty else {
            return Forecast(milliseconds: latest, context: 0, neighbours: [])
        }
        let place = Self.place(of: dot.sequence, in: known)
        guard place > 0 else {
            return Self.forecast(of: dot, beside: known[0])
        }
        guard place < known.count else {
            return Self.forecast(of: dot, beside: known[place - 1])
        }
        let (below, above) = (known[place - 1], known[place])
        var milliseconds = below.milliseconds
        if above.milliseconds > below.milliseconds {
            let product = (above.milliseconds - below.milliseconds)
                .multipliedFullWidth(by: dot.sequence - below.sequence)
            milliseconds += (above.sequence - below.sequence).dividingFullWidth(product).quotient
        }
        let nearest = min(dot.sequence - below.sequence, above.sequence - dot.sequence)
        return Forecast(
            milliseconds: milliseconds,
            context: nearest == 1 ? 4 : nearest <= 3 ? 5 : 6,
            neighbours: [below, above].map { ($0, Self.distance(from: $0, to: dot)) })
    }

    private static func forecast(of dot: Dot, beside point: Point) -> Forecast {
        let distance = distance(from: point, to: dot)
        return Forecast(
            milliseconds: point.milliseconds,
            context: distance.magnitude <= 3 ? 1 : distance.magnitude <= 15 ? 2 : 3,
            neighbours: [(point, distance)])
    }

    /// Takes note of when a write was made.
    package mutating func learn(_ dot: Dot, _ timestamp: HybridTimestamp) {
        latest = timestamp.milliseconds
        let point = Point(
            sequence: dot.sequence, milliseconds: timestamp.milliseconds,
            logical: timestamp.logical)
        let place = Self.place(of: dot.sequence, in: points[dot.writer] ?? [])
        let count = points[dot.writer]?.count ?? 0
        if place < count, points[dot.writer]?[place].sequence == dot.sequence { return }
        if count < Self.pointsMax {
            points[dot.writer, default: []].insert(point, at: place)
        } else if place == count {
            points[dot.writer]?[place - 1] = point
        }
    }

    private static func distance(from point: Point, to dot: Dot) -> Int64 {
        Int64(bitPattern: dot.sequence &- point.sequence)
    }

    /// The first place whose sequence is not below `sequence`.
    private static func place(of sequence: UInt64, in points: [Point]) -> Int {
        if let last = points.last, last.sequence < sequence { return points.count }
        var (low, high) = (0, points.count)
        while low < high {
            let middle = (low + high) / 2
            if points[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
