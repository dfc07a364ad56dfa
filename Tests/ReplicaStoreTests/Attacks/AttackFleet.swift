import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// A few devices of one fleet that know each other, for counterexamples that can be read.
///
/// Nothing happens by itself: they meet, forget and are restored when the test says so.
final class AttackFleet {
    private var stores: [ReplicaStore] = []
    private let nonces = Nonces()

    init(_ count: Int) throws {
        for number in 1...count {
            stores.append(
                try .inMemory(
                    fleet: testFleet, device: .numbered(UInt32(number)), options: options()))
        }
        for store in stores { try store.change { try $0.admit($0.device) } }
        try meet()
    }

    subscript(index: Int) -> ReplicaStore { stores[index] }

    private func options() -> ReplicaStore.Options {
        var options = ReplicaStore.Options()
        options.drawNonce = { [nonces] in nonces.draw() }
        options.mark = MemoryMark()
        return options
    }

    // MARK: Restoring

    func backUp(_ index: Int) throws -> ReplicaStore {
        try stores[index].copied(options: options())
    }

    /// Puts a backup in the place of a device's store, which cannot prove continuity then.
    func restore(_ index: Int, to backup: ReplicaStore) throws {
        stores[index] = try backup.copied(options: options())
    }

    // MARK: Meeting

    /// Some devices take from each other until all of them have seen the same; all if none is
    /// named.
    func meet(_ some: Int...) throws {
        let met = some.isEmpty ? Array(stores.indices) : some
        for _ in 0..<3 {
            for one in met {
                for other in met where one != other { try stores[one].pull(from: stores[other]) }
            }
        }
    }

    /// One device takes what another one has, and nothing goes back.
    func pull(_ one: Int, from other: Int) throws { try stores[one].pull(from: stores[other]) }

    /// Some devices propose what they have seen, acknowledge it, and forget what all members know.
    func forget(_ some: Int...) throws {
        let met = some.isEmpty ? Array(stores.indices) : some
        try stores[met[0]].change { try $0.propose() }
        for _ in 0..<2 {
            for one in met {
                for other in met where one != other { try stores[one].pull(from: stores[other]) }
            }
            for one in met { try stores[one].change { try $0.acknowledgeCuts() } }
        }
        for one in met {
            for other in met where one != other { try stores[one].pull(from: stores[other]) }
        }
    }

    // MARK: Looking

    /// Expects all devices to have met and to be the same.
    func expectLevel(_ comment: Comment? = nil) throws {
        let first = try stores[0].image()
        for store in stores {
            let image = try store.image()
            #expect(image.violations == [], comment)
            #expect(image.summary.vectors == first.summary.vectors, comment)
            #expect(image.summary.digest == first.summary.digest, comment)
        }
    }

    /// Expects something of every device.
    func expectAll<Value: Equatable>(
        _ expected: Value, _ comment: Comment? = nil,
        _ read: (StoreSnapshot) throws -> Value
    ) throws {
        for (index, store) in stores.enumerated() {
            let value = try store.read(read)
            #expect(value == expected, "device \(index) \(comment?.rawValue ?? "")")
        }
    }
}

extension ReplicaStore {
    /// Writes at a wall time.
    @discardableResult
    func change<Result>(
        at milliseconds: Int64 = 0, _ body: (StoreTransaction) throws -> Result
    ) throws -> Result {
        try write(at: WallTime(milliseconds: milliseconds), body)
    }
}

// MARK: What is written

/// Rows that are named by their creation.
enum Notes: RowCollection {
    static let id: CollectionID = 2001
    static let name = "notes"
    static let rows = UniqueRows()

    static let text = Field<Notes, LastWriter<String>>(1, "text")
    static let tags = Field<Notes, AddWinsSet<String>>(2, "tags")
    static let fields: [any FieldOf<Notes>] = [text, tags]
}

/// Rows that are named by what they stand for.
enum Places: RowCollection {
    static let id: CollectionID = 2002
    static let name = "places"
    static let rows = NaturalRows<String>("place")

    static let text = Field<Places, LastWriter<String>>(1, "text")
    static let visits = Field<Places, Counter>(2, "visits")
    static let fields: [any FieldOf<Places>] = [text, visits]
}

/// One row that is always there.
enum Shared: RowCollection {
    static let id: CollectionID = 2003
    static let name = "shared"
    static let rows = StandingRows<OnlyRow>()

    static let title = Field<Shared, LastWriter<String>>(1, "title")
    static let choice = Field<Shared, MultiValue<String>>(2, "choice")
    static let tags = Field<Shared, AddWinsSet<String>>(3, "tags")
    static let total = Field<Shared, Counter>(4, "total")
    static let holder = Field<Shared, Exclusive<Int>>(5, "holder")
    static let fields: [any FieldOf<Shared>] = [title, choice, tags, total, holder]

    static let row = OnlyRow()
}

/// Traffic by period, in the lane of usage.
enum Traffic: RowCollection {
    static let id: CollectionID = 2004
    static let name = "traffic"
    static let lane = Lane.usage
    static let rows = StandingRows<String>("period")

    static let bytes = Field<Traffic, Counter>(1, "bytes")
    static let fields: [any FieldOf<Traffic>] = [bytes]
}
