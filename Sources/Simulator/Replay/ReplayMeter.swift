import CausalTime
import Foundation
import ReplicaModel
import ReplicaStore
import SyncEngine

/// Seconds of processor time, by what it was spent on.
final class ProcessorMeter {
    enum Work {
        /// Reading what a peer lacks, encoding and compressing it.
        case encode
        /// Inflating, decoding and applying what came.
        case apply
    }

    private(set) var encode = 0.0
    private(set) var apply = 0.0
    private var work: Work?
    private var since = 0.0

    /// Counts what follows as this work; nothing ends the counting.
    func turn(to next: Work?) {
        guard next != work else { return }
        let now = Self.processorSeconds()
        switch work {
        case .encode: encode += now - since
        case .apply: apply += now - since
        case nil: break
        }
        work = next
        since = now
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        // It fails for clocks that there are not, and this one is everywhere.
        _ = clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// A store that tells the meter what a connection makes it do.
///
/// A connection decodes until it applies, and encodes once it has read what to send.
struct MeteredStore: ReplicaPort {
    let store: ReplicaStore
    let meter: ProcessorMeter

    func summary() throws -> ReplicaSummary { try store.summary() }

    func segment(of lane: Lane, since base: VersionVector) throws -> Segment {
        meter.turn(to: .encode)
        return try store.segment(of: lane, since: base)
    }

    func apply(_ segment: Segment) throws -> ReplicaSummary {
        meter.turn(to: .apply)
        return try store.apply(segment)
    }

    func apply(_ segment: Segment, adding staged: DotSet) throws -> ReplicaSummary {
        meter.turn(to: .apply)
        return try store.apply(segment, adding: staged)
    }

    func greetingFacts(for peer: DeviceID?) throws -> GreetingFacts {
        try store.greetingFacts(for: peer)
    }

    func stage(_ cells: [Cell], of lane: Lane, claim: VersionVector) throws {
        try store.stage(cells, of: lane, claim: claim)
    }

    func remember(
        _ vectors: LaneVectors, sharedWith peer: DeviceID, observing clock: HybridTimestamp
    ) throws {
        try store.remember(vectors, sharedWith: peer, observing: clock)
    }
}
