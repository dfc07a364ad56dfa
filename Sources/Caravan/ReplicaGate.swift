import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncEngine

/// A replica as its sessions see it: what one of them applies, the others hear of.
struct ReplicaGate: ReplicaPort, Sendable {
    let replica: Replica

    func summary() throws -> ReplicaSummary { try replica.store.summary() }

    func segment(of lane: Lane, since base: VersionVector) throws -> Segment {
        try replica.store.segment(of: lane, since: base)
    }

    func apply(_ segment: Segment) throws -> ReplicaSummary {
        try apply(segment, adding: DotSet())
    }

    func apply(_ segment: Segment, adding staged: DotSet) throws -> ReplicaSummary {
        let summary = try replica.store.apply(segment, adding: staged)
        replica.announce(summary, relayed: true)
        return summary
    }

    func greetingFacts(for peer: DeviceID?) throws -> GreetingFacts {
        try replica.store.greetingFacts(for: peer)
    }

    func stage(_ cells: [Cell], of lane: Lane, claim: VersionVector) throws {
        try replica.store.stage(cells, of: lane, claim: claim)
    }

    func remember(
        _ vectors: LaneVectors, sharedWith peer: DeviceID, observing clock: HybridTimestamp
    ) throws {
        try replica.store.remember(vectors, sharedWith: peer, observing: clock)
    }

    func cellHashes() throws -> [UInt64] { try replica.store.cellHashes() }

    func cells(hashed hashes: Set<UInt64>) throws -> [Cell] {
        try replica.store.cells(hashed: hashes)
    }

    func mend(_ cells: [Cell]) throws -> Mended {
        let mended = try replica.store.mend(cells)
        if mended.changed > 0 { replica.announce(mended.summary, relayed: true) }
        return mended
    }

    /// What people call a device; nothing before its membership has arrived.
    func name(of device: DeviceID) -> String? {
        do {
            return try replica.store.read { snapshot in
                try FleetView(snapshot).members().first { $0.device == device }?.name
            }
        } catch {
            // Only a line for people goes without the name; a store that fails says so elsewhere.
            return nil
        }
    }
}
