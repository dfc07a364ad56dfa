import CausalTime
import ReplicaModel

// Of two that edited the same fields apart, the later edits win. Whoever sends first sends all of
// its own, the other only what is still needed: so the one with the later edits is to be first.

extension SyncSession.Exchange {
    /// The lanes in which an initiator is to send first, although this side has news, too.
    ///
    /// It takes half a round trip, so some writes of both, `writesMin` at least, have to meet in a
    /// lane in which one supersedes the other; and the initiator has to be able to send there.
    func lanes(
        yieldedTo theirs: Hello, by own: ReplicaSummary, from writesMin: UInt64
    ) -> Set<Lane> {
        guard isLater(theirs, than: own) else { return [] }
        return Set(
            Self.contested.filter { lane in
                !theirs.following.contains(lane)
                    && theirs.vectors[lane].writes(above: own.vectors[lane]) >= writesMin
                    && own.vectors[lane].writes(above: theirs.vectors[lane]) >= writesMin
                    && theirs.vectors[lane].dominates(own.frontier[lane])
                    && own.vectors[lane].dominates(theirs.frontier[lane])
            })
    }

    /// Whether the clock of an initiator is later than ours, by what it says of it.
    private func isLater(_ theirs: Hello, than own: ReplicaSummary) -> Bool {
        guard let reference = theirs.reference.clock, own.clock.epoch == reference.epoch else {
            return false
        }
        switch theirs.reference {
        case .state:
            guard let lateness = theirs.lateness else { return false }
            return own.clock.steps(since: reference) < Int64(clamping: lateness)
        case .none, .frontier: return own.clock < reference
        case .greeting: return false
        }
    }

    /// Lanes in which several write to the same cells.
    ///
    /// Control goes at once, and usage has a cell for each writer.
    private static let contested: [Lane] = [.settings]
}

extension VersionVector {
    /// How many writes there are that another vector does not have.
    fileprivate func writes(above other: VersionVector) -> UInt64 {
        entries(above: other).reduce(0) {
            $0.addingReportingOverflow($1.sequence - other[$1.writer]).partialValue
        }
    }
}

extension HybridTimestamp {
    /// By how many steps of ``Hello/lateness`` a clock is later than another one, rounded down.
    func steps(since other: HybridTimestamp) -> Int64 {
        let difference = Int64(wallTime.milliseconds) - Int64(other.wallTime.milliseconds)
        return difference >> Int64(Hello.latenessStep.trailingZeroBitCount)
    }
}
