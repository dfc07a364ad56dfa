import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Cells that a later version of an app, or of this software, has written: a store that does not
/// know what they mean keeps them, merges them and passes them on.
@Suite("Cells of later versions")
struct LaterVersionTests {
    /// One of each form: with a time, with a context, with both, with neither, and the last one.
    static let laterKinds: [MergeKind] = [64, 65, 66, 67, 127].map { .unknown($0) }

    @Test("are kept by a store that does not know their kind, through a restart, and passed on")
    func unknownKindsTravel() throws {
        let stores = try (1...3).map { try ReplicaStore.inMemory($0) }
        for kind in Self.laterKinds {
            try stores[0].put(kind, [1], in: .settings)
            try stores[0].put(kind, [2, 2], in: .settings)
            try stores[2].put(kind, [3, 3, 3], in: .settings)
        }
        try stores[1].pull(from: stores[0])
        let between = try stores[1].reopened()
        try stores[2].pull(from: between)
        try between.pull(from: stores[2])
        try stores[0].pull(from: between)
        for store in [stores[0], between, stores[2]] {
            #expect(try store.image().violations == [])
            #expect(try store.image().cells == stores[0].image().cells)
            #expect(try store.summary().digest == stores[0].summary().digest)
        }
        // Every writer has a cell of its own, at its latest write.
        let held = try between.read { try $0.cells(of: later, in: .settings) }
        #expect(held.count == 2 * Self.laterKinds.count)
        #expect(Set(held.map(\.value)) == [[2, 2], [3, 3, 3]])
        for cell in held where cell.kind.hasContext { #expect(!cell.context.isEmpty) }
    }

    @Test("in a row go with the row when an older version deletes it, everywhere")
    func rowsTakeThemAlong() throws {
        let stores = try (1...3).map { try ReplicaStore.inMemory($0) }
        try stores[0].set(1, ofRow: 1, to: "known to all")
        for (number, kind) in Self.laterKinds.enumerated() {
            try stores[0].change {
                try $0.put(
                    CellDraft(
                        key: .field(UInt32(10 + number), ofRow: 1), kind: kind, causalLength: 1,
                        value: [7]))
            }
        }
        try stores[1].pull(from: stores[0])
        try stores[2].pull(from: stores[1])
        #expect(try stores[2].image().cells == stores[0].image().cells)
        // The older version knows of the row and its first field only.
        try stores[1].set(1, ofRow: 1, to: "edited")
        try stores[1].delete(row: 1)
        for store in [stores[2], stores[0]] { try store.pull(from: stores[1]) }
        for store in stores {
            let row = try store.image().cells.filter { $0.key.row == [1] }
            #expect(row.map(\.kind) == [.row], "what is left is that it is gone")
            #expect(try store.image().violations == [])
            #expect(try store.summary().digest == stores[0].summary().digest)
        }
    }

    @Test("are in the snapshot for a device that joins after everyone has forgotten")
    func snapshotsHoldThem() throws {
        let fleet = try AttackFleet(2)
        for kind in Self.laterKinds { try fleet[0].put(kind, [9], in: .settings) }
        let note = try fleet[0].change { try $0.insert(into: Notes.self) }
        try fleet.meet()
        try fleet[1].change { try $0.delete(note, from: Notes.self) }
        try fleet.meet()
        try fleet.forget()
        let joiner = try ReplicaStore.inMemory(9)
        let segment = try fleet[1].segment(of: .settings, since: VersionVector())
        #expect(segment.isSnapshot)
        try joiner.pull(from: fleet[1])
        #expect(try joiner.image().cells == fleet[1].image().cells)
        #expect(try joiner.read { try $0.cells(of: later, in: .settings) }.count == 5)
        #expect(try joiner.image().violations == [])
    }

    @Test("of a collection and of values that nobody here knows merge by their kinds alone")
    func unknownCollectionsMerge() throws {
        let stores = try (1...3).map { try ReplicaStore.inMemory($0) }
        let key = CellKey(
            lane: .settings, collection: later, row: [5], field: FieldID(rawValue: 1))
        // A value of a type that only a later version has: its tag says nothing here.
        for (index, time) in [(0, Int64(10)), (2, 20)] {
            try stores[index].change(at: time) {
                try $0.put(CellDraft(key: key, kind: .register, value: [200, UInt8(index)]))
                try $0.put(
                    CellDraft(
                        key: Keyed.field(2, key), kind: .maximum,
                        value: Cell.encoded(amount: UInt64(90 - index)) + [201]))
                try $0.put(CellDraft(key: Keyed.field(3, key), kind: .sibling, value: [202]))
            }
        }
        try stores[1].pull(from: stores[0])
        try stores[1].pull(from: stores[2])
        try stores[0].pull(from: stores[1])
        try stores[2].pull(from: stores[1])
        for store in stores {
            let cells = try store.read { try $0.cells(ofRow: [5], of: later, in: .settings) }
            #expect(cells.first { $0.kind == .register }?.value == [200, 2], "the later one")
            #expect(cells.first { $0.kind == .maximum }?.amount == 90, "the greater rank")
            #expect(cells.count { $0.kind == .sibling } == 2, "neither knew of the other")
            #expect(try store.summary().digest == stores[0].summary().digest)
        }
    }
}

private let later = CollectionID(rawValue: 5000)

private enum Keyed {
    static func field(_ number: UInt32, _ key: CellKey) -> CellKey {
        CellKey(
            lane: key.lane, collection: key.collection, row: key.row,
            field: FieldID(rawValue: number))
    }
}

extension ReplicaStore {
    /// Writes a cell of a later kind, under a row of its own.
    fileprivate func put(_ kind: MergeKind, _ value: [UInt8], in lane: Lane) throws {
        try change {
            try $0.put(
                CellDraft(
                    key: CellKey(
                        lane: lane, collection: later, row: [kind.rawValue],
                        field: FieldID(rawValue: 1)),
                    kind: kind, context: kind.hasContext ? $0.vectors[.control] : VersionVector(),
                    value: value))
        }
    }
}
