import PlantedBugs

/// The clock of one replica: gives strictly increasing timestamps and never falls behind one that
/// it has seen.
///
/// It never refuses: a wall clock that stands still or goes back makes it count on from the last
/// timestamp, as a Lamport clock does. Persist ``latest`` in the transaction of the write that
/// took a stamp.
public struct HybridClock: Hashable, Sendable {
    /// The greatest timestamp given or seen.
    public private(set) var latest: HybridTimestamp

    /// Continues from the greatest timestamp of an earlier run.
    public init(latest: HybridTimestamp = .zero) { self.latest = latest }

    /// A timestamp for a local write, greater than every one given or seen before.
    ///
    /// Only after the greatest timestamp that there is, which no honest clock reaches, it is given
    /// again rather than a lesser one.
    public mutating func stamp(at wall: WallTime) -> HybridTimestamp {
        // Clamped to fewer than 48 bits, so that a wild wall clock cannot reach the last tick.
        let milliseconds = min(UInt64(clamping: wall.milliseconds), 0x7fff_ffff_ffff)
        if latest.ticks == .max, latest.epoch < .max {
            latest = HybridTimestamp(epoch: latest.epoch + 1, ticks: milliseconds << 16)
        } else if latest.ticks < .max {
            let least = PlantedBug.clockFollowsWall.isPlanted ? 0 : latest.ticks + 1
            latest.ticks = max(least, milliseconds << 16)
        }
        return latest
    }

    /// Takes note of a timestamp that came from elsewhere.
    public mutating func observe(_ timestamp: HybridTimestamp) {
        guard !PlantedBug.clockIgnoresOthers.isPlanted else { return }
        latest = max(latest, timestamp)
    }
}
