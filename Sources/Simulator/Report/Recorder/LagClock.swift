import CausalTime
import ReplicaModel

/// Measures how far the devices of a run are apart: how many lack a write that another one has, and
/// how old the oldest of these writes is.
struct LagClock {
    private struct Stream: Hashable {
        let lane: Lane
        let writer: WriterID
    }

    /// When a writer had written up to a sequence, ascending.
    fileprivate struct Height {
        let sequence: UInt64
        let at: Int
    }

    private(set) var vectors: [LaneVectors] = []
    /// Everything that any device has ever had, some of which may be lost since.
    private var all = LaneVectors()
    private var heights: [Stream: [Height]] = [:]

    /// Takes note of what a device has seen.
    mutating func advance(_ device: Int, to seen: LaneVectors, at now: Int) {
        while vectors.count <= device { vectors.append(LaneVectors()) }
        vectors[device] = seen
        for lane in Lane.all {
            for entry in seen[lane].entries(above: all[lane]) {
                heights[Stream(lane: lane, writer: entry.writer), default: []].append(
                    Height(sequence: entry.sequence, at: now))
            }
        }
        all.merge(seen)
    }

    /// Whether a device has seen a write.
    func has(_ device: Int, _ lane: Lane, _ dot: Dot) -> Bool {
        device < vectors.count && vectors[device][lane].contains(dot)
    }

    /// How far apart the devices are, leaving out those that are gone for ever.
    func lag(at now: Int, without gone: Set<Int>) -> ReportDocument.Lag {
        var lag = ReportDocument.Lag(at: now, behind: 0, worst: 0)
        var union = LaneVectors()
        for (device, seen) in vectors.enumerated() where !gone.contains(device) {
            union.merge(seen)
        }
        for (device, seen) in vectors.enumerated() where !gone.contains(device) {
            guard seen != union, let oldest = oldestMissing(in: seen, of: union) else { continue }
            lag.behind += 1
            lag.worst = max(lag.worst, now - oldest)
        }
        return lag
    }

    /// When the oldest write was made that is missing; nothing if none is.
    private func oldestMissing(in seen: LaneVectors, of union: LaneVectors) -> Int? {
        var oldest: Int?
        for lane in Lane.all {
            for entry in union[lane].entries(above: seen[lane]) {
                let known = seen[lane][entry.writer]
                guard
                    let at = heights[Stream(lane: lane, writer: entry.writer)]?
                        .firstAbove(known)
                else { continue }
                oldest = min(oldest ?? at, at)
            }
        }
        return oldest
    }
}

extension [LagClock.Height] {
    /// When the first write after `sequence` was made.
    fileprivate func firstAbove(_ sequence: UInt64) -> Int? {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = (low + high) / 2
            if self[middle].sequence > sequence { high = middle } else { low = middle + 1 }
        }
        return low < endIndex ? self[low].at : nil
    }
}
