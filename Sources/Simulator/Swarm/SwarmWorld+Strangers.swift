import CausalTime
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncWire
import ZstdStream

extension SwarmWorld {
    /// Lets a stranger talk to a seat: nothing of it may have an effect.
    func visit(_ seat: SwarmSeat, by stranger: Stranger, seed: UInt64) {
        guard let store = seat.store, seat.troubleUntil <= now, seat.trap == nil else { return }
        var random = SeededRandom(seed: seed)
        let visit = StrangerVisit(
            identity: seat.identity, nonce: seat.nonces.connection(), store: store, time: time)
        let outcome = visit.talk(stranger, &random)
        if outcome.goesOn {
            oracle.report(.live, "seat \(seat.index) goes on with a \(stranger) stranger")
        }
        if outcome.hasChanged {
            oracle.report(.intrusion, "a \(stranger) stranger changed seat \(seat.index)")
        }
        tally.add(stranger.fault)
    }

    /// The bytes of an earlier session arrive again.
    func replay(from: Int, to: Int) {
        guard let bytes = recordings[from * SwarmScript.seatsMax + to], !bytes.isEmpty,
            let seat = active(to), let store = seat.store, seat.troubleUntil <= now,
            seat.trap == nil
        else { return }
        _ = wall(of: seat)
        var end = SwarmSession.Connection(
            role: .responder, identity: seat.identity, nonce: seat.nonces.connection(),
            compressor: ZstdCompressor(), decompressor: ZstdDecompressor())
        let before = store.durableSummary.vectors
        _ = end.connected(at: time, replica: store)
        _ = end.received(bytes, at: time, replica: store)
        tally.add(.replayedSession)
        let after = store.durableSummary.vectors
        guard before != after else { return }
        oracle.wrote(before, after, as: store.durableWriter)
        changed(seat, through: nil)
    }
}
