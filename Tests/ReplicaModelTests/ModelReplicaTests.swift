import CausalTime
import ReplicaModel
import SyncTestKit
import Testing

/// The model replica is what others are compared with, so its own rules are tested first.
@Suite struct ModelReplicaTests {
    private let field = CellKey.field(1, ofRow: 1)

    @Test func aSegmentWhoseBaseHasNotBeenSeenIsRefused() throws {
        let author = ModelReplica(1)
        try author.createRow(field)
        let first = author.segment(of: .settings, since: VersionVector())
        try author.setField(field, to: .integer(1))
        let second = author.segment(of: .settings, since: first.claim)

        let reader = ModelReplica(2)
        #expect(throws: ModelReplica.Fault.baseNotSeen) { try reader.apply(second) }
        #expect(reader.cells.isEmpty && reader.vectors == LaneVectors())
        try reader.apply(first)
        try reader.apply(second)
        #expect(reader.summary() == author.summary())
    }

    @Test func whatWasSeenBeforeIsSkipped() throws {
        let author = ModelReplica(1)
        try author.createRow(field)
        let creation = author.segment(of: .settings, since: VersionVector())
        try author.deleteRow(field)
        let reader = ModelReplica(2)
        try reader.apply(author.segment(of: .settings, since: VersionVector()))
        try reader.apply(creation)
        #expect(reader.summary() == author.summary())
    }

    @Test func aRelayPassesOnWhatItReceived() throws {
        let replicas = (1...3).map { ModelReplica($0) }
        var history = WriteHistory()
        try replicas[0].createRow(field)
        try replicas[0].setField(field, to: .text("from the first"))
        try replicas[0].count(5, at: .entry(1))
        try replicas[0].state(.bool(true), at: .entry(1, in: .control))
        try history.note(replicas[0])
        for (from, to) in [(0, 1), (1, 2)] {
            for lane in Lane.all {
                let base = replicas[to].vectors[lane]
                try replicas[to].apply(replicas[from].segment(of: lane, since: base))
            }
        }
        try history.checkConverged(replicas)
        #expect(replicas[2].cells.count == 4)
    }

    @Test func deletingARowTakesItsFieldsAndItsCounters() throws {
        let replica = ModelReplica(1)
        try replica.createRow(field)
        try replica.setField(field, to: .integer(1))
        let counter = CellKey(
            lane: .settings, collection: field.collection, row: field.row, field: field.field)
        try replica.write(
            CellDraft(
                key: counter, kind: .counter, causalLength: 1, value: Cell.encoded(amount: 3)))
        try replica.deleteRow(field)
        #expect(replica.cells[field] == nil)
        #expect(replica.cells.count == 1)
        #expect(throws: ModelReplica.Fault.notAccepted(.rowGone)) {
            try replica.write(CellDraft(key: field, kind: .register, causalLength: 1))
        }
    }

    @Test func anUnacceptedWriteUsesUpNeitherDotNorTimestamp() throws {
        let replica = ModelReplica(1)
        try replica.createRow(field)
        try replica.deleteRow(field)
        let before = replica.summary()
        #expect(throws: ModelReplica.Fault.self) {
            try replica.write(CellDraft(key: field, kind: .register, causalLength: 1))
        }
        #expect(replica.summary() == before)
    }

    @Test func aRestoredReplicaCannotUseADotAgain() throws {
        let replica = ModelReplica(1)
        let backup = replica.copy(as: .numbered(9))
        try replica.count(5, at: .entry(1))
        try backup.count(7, at: .entry(1))
        try backup.apply(replica.segment(of: .usage, since: VersionVector()))
        var history = WriteHistory()
        try history.note(replica)
        try history.note(backup)
        try history.check(backup)
        #expect(backup.cells.values.map(\.amount).sorted() == [5, 7])
    }
}

/// A checker that finds nothing is worth nothing: each fault planted here is found.
@Suite struct WriteHistoryTests {
    private let field = CellKey.field(1, ofRow: 1)

    @Test func aClaimWithoutItsCellIsFound() throws {
        let author = ModelReplica(1)
        var history = WriteHistory()
        try author.createRow(field)
        try author.setField(field, to: .integer(1))
        try history.note(author)
        let whole = author.segment(of: .settings, since: VersionVector())
        let reader = ModelReplica(2)
        try reader.apply(
            Segment(
                lane: .settings, base: whole.base, claim: whole.claim, clock: whole.clock,
                cells: Array(whole.cells.prefix(1))))
        #expect(throws: WriteHistory.Violation.self) { try history.check(reader) }
    }

    @Test func aWriterThatGoesOnFromACopyIsFound() throws {
        let replica = ModelReplica(1)
        let clone = replica.copy()
        var history = WriteHistory()
        try replica.count(5, at: .entry(1))
        try clone.count(7, at: .entry(1))
        try history.note(replica)
        #expect(throws: WriteHistory.Violation.self) { try history.note(clone) }
    }

    @Test func aCellThatNobodyClaimsIsFound() throws {
        let author = ModelReplica(1)
        var history = WriteHistory()
        try author.createRow(field)
        try history.note(author)
        let whole = author.segment(of: .settings, since: VersionVector())
        let reader = ModelReplica(2)
        try reader.apply(
            Segment(
                lane: .settings, base: whole.base, claim: VersionVector(), clock: whole.clock,
                cells: whole.cells))
        #expect(throws: WriteHistory.Violation.self) { try history.check(reader) }
    }

    @Test func replicasThatHaveNotSeenTheSameAreNotConverged() throws {
        let author = ModelReplica(1)
        var history = WriteHistory()
        try author.createRow(field)
        try history.note(author)
        #expect(throws: WriteHistory.Violation.self) {
            try history.checkConverged([author, ModelReplica(2)])
        }
    }
}
