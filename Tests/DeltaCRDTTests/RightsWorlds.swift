import CausalTime
import DeltaCRDT
import SyncTestKit

/// What a device can do with rights; replica n belongs to device and writer n + 1.
enum RightsDeed: Hashable {
    case reserve(UInt64)
    case transfer(UInt64, to: Int)

    static func all(at place: Int) -> [RightsDeed] {
        [
            .reserve(1), .reserve(2), .transfer(1, to: (place + 1) % 3),
            .transfer(2, to: (place + 2) % 3),
        ]
    }

    static let granted: UInt64 = 3

    static var start: RightsMatrix { RightsMatrix(granted: granted, minter: device(0)) }

    static func device(_ place: Int) -> DeviceID { .numbered(UInt32(place + 1)) }

    /// The rights after the deed, or nothing if it was refused.
    func performed(on rights: RightsMatrix, at place: Int) -> RightsMatrix? {
        var rights = rights
        let writer = WriterID.numbered(UInt32(place + 1))
        let device = Self.device(place)
        do throws(RightsMatrix.InsufficientRights) {
            switch self {
            case .reserve(let amount):
                try rights.reserve(
                    amount, RightsMatrix.Reservation(writer: writer, device: device))
            case .transfer(let amount, let receiver):
                try rights.transfer(
                    amount,
                    RightsMatrix.Transfer(
                        writer: writer, from: device, to: Self.device(receiver)))
            }
            return rights
        } catch {
            return nil
        }
    }

    /// Carries the deed out in the books of a bank that never disagrees with itself.
    func book(at place: Int, in balances: inout [Int]) {
        switch self {
        case .reserve(let amount):
            balances[place] -= Int(amount)
            balances[3] += Int(amount)
        case .transfer(let amount, let receiver):
            balances[place] -= Int(amount)
            balances[receiver] += Int(amount)
        }
    }
}

/// Rights that travel as whole states: what a replica has seen is causally closed.
struct Rights: OperationModel {
    func operations(
        on state: RightsMatrix?, at place: Int, order: NextOrder
    ) -> [(RightsDeed, RightsMatrix)] {
        RightsDeed.all(at: place).compactMap { deed in
            deed.performed(on: state ?? RightsDeed.start, at: place).map { (deed, $0) }
        }
    }

    /// What is available to each of the three, and what is reserved by all.
    func expected(of log: [LogEntry<RightsDeed>]) -> [Int] {
        var balances = [Int(RightsDeed.granted), 0, 0, 0]
        for entry in log { entry.deed.book(at: entry.place, in: &balances) }
        // Nobody is ever overdrawn, and nothing is lost or made.
        guard balances.allSatisfy({ $0 >= 0 }), balances.reduce(0, +) == 3 else { return [] }
        return balances
    }

    func reading(of state: RightsMatrix?) -> [Int] {
        let rights = state ?? RightsDeed.start
        return (0..<3).map { Int(rights.available(to: RightsDeed.device($0))) }
            + [Int(rights.reserved)]
    }
}

/// Rights that travel entry by entry, each at any time, in any order and any number of times.
struct EntryWorld {
    struct Key: Hashable {
        let log: [Entry]
        let seen: [UInt16]
    }

    struct Entry: Hashable {
        let deed: RightsDeed
        let place: Int
    }

    struct Overdraft: Error, CustomStringConvertible {
        let description: String
    }

    private var rights = Array(repeating: RightsDeed.start, count: 3)
    private var seen: [UInt16] = [0, 0, 0]
    private var log: [Entry] = []
    /// The author's state right after each deed, of which only the one entry is delivered.
    private var after: [RightsMatrix] = []

    var key: Key { Key(log: log, seen: seen) }

    func successors(operations: Int) -> [EntryWorld] {
        var worlds: [EntryWorld] = []
        for place in 0..<3 {
            for index in log.indices where log[index].place != place {
                worlds.append(delivering(index, to: place))
            }
            guard log.count < operations else { continue }
            for deed in RightsDeed.all(at: place) {
                guard let rights = deed.performed(on: rights[place], at: place) else { continue }
                var world = self
                world.rights[place] = rights
                world.seen[place] |= 1 << UInt16(log.count)
                world.log.append(Entry(deed: deed, place: place))
                world.after.append(rights)
                worlds.append(world)
            }
        }
        return worlds
    }

    private func delivering(_ index: Int, to place: Int) -> EntryWorld {
        var world = self
        let author = log[index].place
        switch log[index].deed {
        case .reserve:
            for (entry, amount) in after[index].reservations
            where entry.device == RightsDeed.device(author) {
                world.rights[place].merge(amount, for: entry)
            }
        case .transfer(_, let receiver):
            for (entry, amount) in after[index].transfers
            where entry.from == RightsDeed.device(author)
                && entry.to == RightsDeed.device(receiver)
            {
                world.rights[place].merge(amount, for: entry)
            }
        }
        world.seen[place] |= 1 << UInt16(index)
        return world
    }

    /// Every device knows its whole outflow and at most the true inflow.
    func check() throws(Overdraft) {
        var balances = [Int(RightsDeed.granted), 0, 0, 0]
        for entry in log { entry.deed.book(at: entry.place, in: &balances) }
        let own = (0..<3).map { Int(rights[$0].available(to: RightsDeed.device($0))) }
        let isCovered = zip(own, balances).allSatisfy { $0 <= $1 }
        let isComplete = seen.allSatisfy { $0 == (1 << UInt16(log.count)) - 1 }
        let isBalanced = own.reduce(0, +) + balances[3] == Int(RightsDeed.granted)
        guard isCovered, balances[3] <= Int(RightsDeed.granted), !isComplete || isBalanced else {
            throw Overdraft(
                description: "after \(log) devices believe to have \(own), and have \(balances)")
        }
        for place in 0..<3 where isComplete {
            guard rights[place] == rights[0], Int(rights[place].reserved) == balances[3] else {
                throw Overdraft(description: "after \(log) replicas differ")
            }
        }
    }
}
