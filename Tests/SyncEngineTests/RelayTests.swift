import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

@Suite struct RelayTests {
    private func cellsSent(in fleet: FleetHarness) -> Int {
        fleet.links.flatMap { link in
            PairHarness.Side.allCases.flatMap { link.pair.chunks(from: $0).flatMap(\.cells) }
        }.count
    }

    @Test func whatOneEndOfALineWritesArrivesAtTheOther() throws {
        let fleet = FleetHarness(count: 3)
        try fleet.connect(0, 1)
        try fleet.connect(1, 2)
        try fleet.settle()
        try fleet.write(at: 0) { try $0.count(5, at: .entry(1)) }
        try fleet.settle()
        try fleet.history.checkConverged(fleet.replicas)
        #expect(fleet.replicas[2].cells.count == 1)
        #expect(cellsSent(in: fleet) == 2, "once over each link, and not back")
    }

    @Test func whatWasWrittenBeforeTheLineWasThereArrivesToo() throws {
        let fleet = FleetHarness(count: 4)
        for place in 0..<4 {
            try fleet.write(at: place) { replica in
                try replica.createRow(.row(UInt8(place)))
                try replica.setField(.field(1, ofRow: UInt8(place)), to: .integer(Int64(place)))
            }
        }
        for place in 0..<3 { try fleet.connect(place, place + 1) }
        try fleet.settle()
        try fleet.history.checkConverged(fleet.replicas)
        #expect(fleet.replicas[0].cells.count == 8)
    }

    @Test func aRelayThatIsNotConnectedToBothAtOnceCarriesOn() throws {
        let fleet = FleetHarness(count: 3)
        try fleet.write(at: 0) { try $0.count(5, at: .entry(1)) }
        for link in [(0, 1), (1, 2)] {
            try fleet.connect(link.0, link.1)
            try fleet.settle()
            fleet.cutAll()
        }
        try fleet.history.checkConverged(fleet.replicas)
    }

    /// Everyone hears it from its author, and tells those who cannot know that the other did too.
    @Test func inAMeshAWriteTakesEachLinkInOneDirection() throws {
        let fleet = FleetHarness(count: 4)
        for first in 0..<4 {
            for second in first + 1..<4 { try fleet.connect(first, second) }
        }
        try fleet.settle()
        try fleet.write(at: 1) { try $0.count(5, at: .entry(1)) }
        try fleet.advance(by: .milliseconds(50))
        try fleet.deliverAll()
        try fleet.history.checkConverged(fleet.replicas)
        #expect(cellsSent(in: fleet) == 3, "nobody relays before the author has told everyone")
        try fleet.settle()
        for link in fleet.links {
            let sent = PairHarness.Side.allCases.flatMap { link.pair.chunks(from: $0) }
            #expect(sent.count == 1)
        }
    }

    @Test func aRelayWaitsAndTheResponderTwiceAsLong() throws {
        let pair = PairHarness(ModelReplica(1), ModelReplica(2))
        pair.connect()
        pair.runUntilIdle()
        for (side, delay) in [
            (PairHarness.Side.initiator, Duration.milliseconds(250)),
            (.responder, .milliseconds(500)),
        ] {
            try pair[side].replica.count(5, at: .entry(1))
            pair.noticeChanges(relayed: true)
            #expect(pair[side].session.deadline == pair.now + delay)
            try pair.write(on: side) { try $0.count(6, at: .entry(1)) }
            #expect(
                pair[side].session.deadline == pair.now,
                "a change of its own takes it along")
            pair.runUntilIdle()
        }
    }
}
