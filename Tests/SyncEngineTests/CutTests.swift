import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

/// A connection may be lost at any message; what was being sent is sent again.
@Suite struct CutTests {
    /// Two replicas that have both written, in all lanes, and more than fits into one chunk.
    private func replicas(_ history: inout WriteHistory) throws -> [ModelReplica] {
        let replicas = [ModelReplica(1), ModelReplica(2)]
        for replica in replicas {
            for row in 0..<4 as Range<UInt8> {
                try replica.createRow(.row(row))
                try replica.setField(.field(1, ofRow: row), to: .integer(Int64(row)))
                try replica.count(5, at: .entry(row))
            }
            try replica.deleteRow(.row(2))
            try replica.state(.bool(true), at: .entry(1, in: .control))
            try history.note(replica)
        }
        return replicas
    }

    private var smallChunks: SessionLimits {
        var limits = SessionLimits()
        limits.chunkCellsMax = 2
        return limits
    }

    /// For every number of messages to either side, in both orders of delivery.
    @Test func acutAtAnyMessageLosesAndHalfAppliesNothing() throws {
        let whole = try messagesOfAWholeSession()
        #expect(whole >= 18)
        for first in PairHarness.Side.allCases {
            for count in 0...whole {
                var history = WriteHistory()
                let replicas = try replicas(&history)
                let pair = PairHarness(replicas[0], replicas[1], limits: smallChunks)
                pair.connect()
                while pair.delivered < count, pair.deliver(to: first) || pair.step() {}
                pair.cut()
                for replica in replicas { try history.check(replica) }

                // Both go on alone, and meet again.
                for replica in replicas {
                    try replica.count(9, at: .entry(1))
                    try replica.toggleRow(.row(3))
                    try history.note(replica)
                }
                let again = PairHarness(replicas[1], replicas[0], limits: smallChunks)
                again.connect()
                again.runUntilIdle()
                try history.checkConverged(replicas)
                for write in history.writes {
                    let vector = replicas[0].vectors[write.cell.key.lane]
                    #expect(vector.contains(write.cell.dot), "cut after \(count) messages")
                }
            }
        }
    }

    @Test func whatArrivedBeforeACutIsNotSentAgain() throws {
        var history = WriteHistory()
        let replicas = try replicas(&history)
        let pair = PairHarness(replicas[0], replicas[1])
        pair.connect()
        // Every segment arrives, no acknowledgement does.
        while pair.deliver(to: .responder, drained: false)
            || pair.deliver(to: .initiator, drained: false)
        {}
        pair.cut()
        let again = PairHarness(replicas[0], replicas[1])
        again.connect()
        again.runUntilIdle()
        try history.checkConverged(replicas)
        for side in PairHarness.Side.allCases { #expect(again.chunks(from: side).isEmpty) }
    }

    private func messagesOfAWholeSession() throws -> Int {
        var history = WriteHistory()
        let replicas = try replicas(&history)
        let pair = PairHarness(replicas[0], replicas[1], limits: smallChunks)
        pair.connect()
        pair.runUntilIdle()
        return pair.delivered
    }
}
