import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// What is forgotten, and what tries to come back.
///
/// What was tried and broke: cuts named by number alone, so that two devices acknowledged two
/// different cuts under one name; acknowledgements named by device, so that a restored device took
/// back what it had acknowledged; a frontier worked out anew each time, which went back; messages
/// judged by what their sender had acknowledged rather than by what it had seen, so that two
/// devices refused each other for ever; deltas to and from restored devices; and rows that were
/// forgotten here and deleted and brought back there. A few runs in a thousand each.
@Suite("Forgotten rows")
struct ForgettingAttacks {
    @Test("wait for every device, whatever cuts were proposed at the same moment")
    func cutsOfOneMoment() throws {
        let (fleet, note) = try noted(3)
        try fleet[0].change { try $0.delete(note, from: Notes.self) }
        // Neither proposer knows of the other: the one has seen the deletion, the other has not.
        for index in [0, 1] { try fleet[index].change { try $0.propose() } }
        try fleet[2].change { try $0.set(Notes.text, of: note, to: "not knowing") }
        try fleet.pull(2, from: 1)
        for index in [0, 1, 2] { try fleet[index].change { try $0.acknowledgeCuts() } }
        try fleet.pull(0, from: 2)
        try fleet.pull(0, from: 1)
        try fleet[0].change { try $0.acknowledgeCuts() }
        let deletion = try #require(try fleet[0].rowCell(of: note))
        #expect(try !fleet[0].summary().frontier[.settings].contains(deletion.dot))

        try fleet.meet()
        try fleet.expectAll(false) { try $0.exists(note, in: Notes.self) }
        try fleet.forget()
        try fleet.expectLevel()
        try fleet.expectAll([]) { try $0.cells(ofRow: note.bytes, of: Notes.id, in: .settings) }
    }

    @Test("stay forgotten in every order of a late message and everything that happens meanwhile")
    func lateMessages() throws {
        let (fleet, note) = try noted(3)
        try fleet[1].change { try $0.set(Notes.text, of: note, to: "late") }
        try fleet[0].change { try $0.delete(note, from: Notes.self) }
        try fleet[0].change { try $0.propose() }
        try fleet[0].change { try $0.acknowledgeCuts() }
        var forgotten = 0
        for order in permutations(of: LateEvent.allCases) {
            let copies = try (0..<3).map { try fleet.backUp($0) }
            var message: Segment?
            for event in order { try event.happen(to: copies, &message) }
            let cells = try copies[2].read {
                try $0.cells(ofRow: note.bytes, of: Notes.id, in: .settings)
            }
            if try copies[2].summary().frontier[.settings] != VersionVector() { forgotten += 1 }
            let isOrphan = !cells.isEmpty && !cells.contains(where: \.kind.isRow)
            #expect(!isOrphan, "\(order): a field of a forgotten row")
            #expect(try copies[2].image().violations == [])
        }
        #expect(forgotten > 0, "in some orders the row is forgotten before the message arrives")
    }

    @Test("cannot be created again, nor brought back by the message that created them")
    func creationsDoNotRepeat() throws {
        let (fleet, note) = try noted(2)
        let creation = try fleet[0].segment(of: .settings, since: VersionVector())
        try fleet[0].change { try $0.delete(note, from: Notes.self) }
        try fleet.meet()
        try fleet.forget()
        try fleet.expectAll([]) { try $0.cells(of: Notes.id, in: .settings) }

        #expect(throws: SchemaError.self) {
            try fleet[1].change { try $0.restore(note, in: Notes.self) }
        }
        _ = try code { _ = try fleet[1].apply(creation) }
        let other = try fleet[0].change { try $0.insert(into: Notes.self) }
        #expect(other != note)
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll([other]) { try $0.rows(of: Notes.self).map(\.key) }
    }

    @Test("are not brought back by a device that was restored, whose edits are kept as lost")
    func restoredDevicesBringNothingBack() throws {
        let (fleet, note) = try noted(3)
        let backup = try fleet.backUp(2)
        try fleet[0].change { try $0.delete(note, from: Notes.self) }
        try fleet.meet()
        try fleet.forget()
        try fleet.restore(2, to: backup)
        try fleet[2].change { try $0.set(Notes.text, of: note, to: "edited after the restore") }
        // It has nothing to tell before it has taken in the whole of a peer's state.
        let push = try fleet[2].segment(
            of: .settings, since: fleet[0].summary().vectors[.settings])
        #expect(try code { _ = try fleet[0].apply(push) } == .behindFrontier)
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(false) { try $0.exists(note, in: Notes.self) }
        let lost = try fleet[2].read { try $0.lostValues() }
        #expect(lost.contains { $0.value == CellValue.text("edited after the restore").encoded })
    }

    @Test(
        "are not brought back by devices that deleted and restored them, however often"
    )
    func livesBeyondForgettingEnd() throws {
        let (fleet, note) = try noted(4)
        let backups = try [2, 3].map { try fleet.backUp($0) }
        try fleet[0].change { try $0.delete(note, from: Notes.self) }
        try fleet.meet()
        try fleet.forget()
        // Restored to before that, one gives the row a second life, the other one a third.
        for (index, lives) in [(2, 1), (3, 2)] {
            try fleet.restore(index, to: backups[index - 2])
            for _ in 0..<lives {
                try fleet[index].change {
                    try $0.delete(note, from: Notes.self)
                    try $0.restore(note, in: Notes.self)
                    try $0.set(Notes.text, of: note, to: "life of \(index)")
                }
            }
        }
        // Each comes home through a different device; then all meet, again and again.
        try fleet.meet(0, 2)
        try fleet.meet(1, 3)
        for _ in 0..<2 {
            try fleet.meet()
            try fleet.expectLevel()
            try fleet.expectAll(false) { try $0.exists(note, in: Notes.self) }
            try fleet.forget()
        }
        try fleet.expectAll([]) { try $0.cells(of: Notes.id, in: .settings) }
    }

    private func noted(_ count: Int) throws -> (AttackFleet, RowID) {
        let fleet = try AttackFleet(count)
        let note = try fleet[0].change {
            let note = try $0.insert(into: Notes.self)
            try $0.set(Notes.text, of: note, to: "a note")
            return note
        }
        try fleet.meet()
        return (fleet, note)
    }
}

extension ReplicaStore {
    fileprivate func rowCell(of note: RowID) throws -> Cell? {
        try read {
            try $0.cell(
                at: CellKey(
                    lane: .settings, collection: Notes.id, row: note.bytes, field: .row))
        }
    }
}

/// What may happen in any order around a message from device 1 to device 2, whose row device 0 has
/// deleted.
private enum LateEvent: CaseIterable {
    case messageIsMade, deletionReachesOne, deletionReachesTwo, wordReachesTwo, messageArrives

    func happen(to stores: [ReplicaStore], _ message: inout Segment?) throws {
        switch self {
        case .messageIsMade:
            message = try stores[1].segment(
                of: .settings, since: stores[2].summary().vectors[.settings])
        case .deletionReachesOne: try hear(stores[1], from: stores[0])
        case .deletionReachesTwo: try hear(stores[2], from: stores[0])
        case .wordReachesTwo:
            for other in [stores[0], stores[1]] {
                let seen = try stores[2].summary().vectors[.control]
                _ = try code {
                    _ = try stores[2].apply(other.segment(of: .control, since: seen))
                }
            }
        case .messageArrives:
            guard let message else { return }
            let refusal = try code { _ = try stores[2].apply(message) }
            #expect([nil, .baseNotSeen, .behindFrontier].contains(refusal))
        }
    }

    private func hear(_ store: ReplicaStore, from other: ReplicaStore) throws {
        try store.pull(from: other)
        try store.change { try $0.acknowledgeCuts() }
    }
}
