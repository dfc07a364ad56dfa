import CausalTime
import DeltaCRDT
import SyncTestKit

/// What a device can do with rights; replica n belongs to device and writer n + 1.
enum RightsDeed: Hashable {
    case reserve(UInt64)
    case transfer(UInt64, to: Int)
    case close
    /// Extends the lease of a replica's device to a number of ticks.
    case lease(Int64, to: Int)

    /// Deeds of a world in which all go on for ever.
    static func lasting(at place: Int) -> [RightsDeed] {
        [
            .reserve(1), .reserve(2), .transfer(1, to: (place + 1) % 3),
            .transfer(2, to: (place + 2) % 3),
        ]
    }

    /// Deeds of a world in which parts are closed.
    static func closing(at place: Int) -> [RightsDeed] {
        [.reserve(1), .transfer(2, to: (place + 1) % 3), .close]
    }

    /// Deeds of a world in which leases end: it counts operations instead of milliseconds.
    static func leased(at place: Int) -> [RightsDeed] {
        let use: [RightsDeed] = [.reserve(1), .transfer(1, to: place == 1 ? 2 : 1)]
        return place == 0 ? use + [.lease(3, to: 1), .lease(4, to: 1)] : use
    }

    static let granted: UInt64 = 3

    static var start: RightsMatrix { RightsMatrix(granted: granted, minter: device(0)) }

    static func device(_ place: Int) -> DeviceID { .numbered(UInt32(place + 1)) }

    /// The rights after the deed, or nothing if it was refused or changes nothing.
    func performed(
        on before: RightsMatrix, at place: Int, time: WallTime = WallTime(milliseconds: 0)
    ) -> RightsMatrix? {
        var rights = before
        let writer = WriterID.numbered(UInt32(place + 1))
        let device = Self.device(place)
        do throws(RightsMatrix.Refusal) {
            switch self {
            case .reserve(let amount):
                try rights.reserve(
                    amount, RightsMatrix.Reservation(writer: writer, device: device), at: time)
            case .transfer(let amount, let receiver):
                try rights.transfer(
                    amount,
                    RightsMatrix.Transfer(
                        writer: writer, from: device, to: Self.device(receiver)), at: time)
            case .close:
                try rights.close(RightsMatrix.Closing(writer: writer, device: device))
            case .lease(let end, let receiver):
                rights.merge(
                    leaseUntil: WallTime(milliseconds: end), of: Self.device(receiver))
            }
            return rights == before ? nil : rights
        } catch {
            return nil
        }
    }
}

/// The books of a bank that never disagrees with itself.
struct RightsBook: Equatable {
    /// What each of the three has, and what is reserved by all.
    private(set) var balances = [Int(RightsDeed.granted), 0, 0, 0]
    private(set) var closed = [false, false, false]
    private(set) var leases: [Int64?] = [nil, nil, nil]

    /// Nobody is overdrawn, and nothing is lost or made.
    var isSound: Bool {
        balances.allSatisfy { $0 >= 0 } && balances.reduce(0, +) == Int(RightsDeed.granted)
    }

    mutating func enter(_ deed: RightsDeed, by place: Int) {
        switch deed {
        case .reserve(let amount):
            balances[place] -= Int(amount)
            balances[3] += Int(amount)
        case .transfer(let amount, let receiver):
            balances[place] -= Int(amount)
            balances[closed[receiver] ? 0 : receiver] += Int(amount)
        case .close:
            balances[0] += balances[place]
            balances[place] = 0
            closed[place] = true
        case .lease(let end, let receiver):
            leases[receiver] = max(leases[receiver] ?? end, end)
        }
    }

    /// What a replica reads of the same.
    init(reading rights: RightsMatrix?) {
        let rights = rights ?? RightsDeed.start
        let devices = (0..<3).map(RightsDeed.device)
        balances = devices.map { Int(rights.available(to: $0)) } + [Int(rights.reserved)]
        closed = devices.map(rights.isClosed)
        leases = devices.map { rights.leases[$0]?.milliseconds }
    }

    init() {}
}

/// Rights that travel as whole states: what a replica has seen is causally closed.
///
/// A replica's clock counts the operations that it knows of, and its leases end by that.
struct Rights: OperationModel {
    let deeds: (Int) -> [RightsDeed]

    func operations(
        on state: RightsMatrix?, at place: Int, order: NextOrder
    ) -> [(RightsDeed, RightsMatrix)] {
        let time = WallTime(milliseconds: Int64(order.timestamp.ticks))
        return deeds(place).compactMap { deed in
            deed.performed(on: state ?? RightsDeed.start, at: place, time: time).map { (deed, $0) }
        }
    }

    /// The books of all that happened, if it was right to let it happen.
    func expected(of log: [LogEntry<RightsDeed>]) -> RightsBook? {
        var book = RightsBook()
        for entry in log {
            guard isAllowed(entry, after: log) else { return nil }
            book.enter(entry.deed, by: entry.place)
        }
        return book.isSound ? book : nil
    }

    func reading(of state: RightsMatrix?) -> RightsBook? { RightsBook(reading: state) }

    /// Whether a device that used rights was allowed to by all that it had seen: it had not closed
    /// its part, and the latest lease that it had been given had not ended.
    private func isAllowed(
        _ entry: LogEntry<RightsDeed>, after log: [LogEntry<RightsDeed>]
    ) -> Bool {
        switch entry.deed {
        case .close, .lease: return true
        case .reserve, .transfer: break
        }
        var book = RightsBook()
        for other in log where entry.seen & other.bit != 0 {
            book.enter(other.deed, by: other.place)
        }
        let end = entry.place == 0 ? nil : book.leases[entry.place]
        return !book.closed[entry.place] && Int64(entry.timestamp.ticks) < end ?? .max
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

    /// Whether a closing says how much its device had handed on and reserved; without that its
    /// reader would have to know all of it otherwise.
    let statesOutflow: Bool

    private let deeds: (Int) -> [RightsDeed]
    private var rights = Array(repeating: RightsDeed.start, count: 3)
    private var seen: [UInt16] = [0, 0, 0]
    private var log: [Entry] = []
    /// The author's state right after each deed, of which only the one entry is delivered.
    private var after: [RightsMatrix] = []

    init(_ deeds: @escaping (Int) -> [RightsDeed], statesOutflow: Bool = true) {
        self.deeds = deeds
        self.statesOutflow = statesOutflow
    }

    var key: Key { Key(log: log, seen: seen) }

    func successors(operations: Int) -> [EntryWorld] {
        var worlds: [EntryWorld] = []
        for place in 0..<3 {
            for index in log.indices where log[index].place != place {
                worlds.append(delivering(index, to: place))
            }
            guard log.count < operations else { continue }
            for deed in deeds(place) {
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
        let author = RightsDeed.device(log[index].place)
        switch log[index].deed {
        case .reserve:
            for (entry, amount) in after[index].reservations where entry.device == author {
                world.rights[place].merge(amount, for: entry)
            }
        case .transfer(_, let receiver):
            for (entry, amount) in after[index].transfers
            where entry.from == author && entry.to == RightsDeed.device(receiver) {
                world.rights[place].merge(amount, for: entry)
            }
        case .close:
            for (entry, outflow) in after[index].closings where entry.device == author {
                world.rights[place].merge(statesOutflow ? outflow : 0, for: entry)
            }
        case .lease: break
        }
        world.seen[place] |= 1 << UInt16(index)
        return world
    }

    /// Every device knows its whole outflow and at most the true inflow.
    func check() throws(Overdraft) {
        var book = RightsBook()
        for entry in log { book.enter(entry.deed, by: entry.place) }
        let balances = book.balances
        let own = (0..<3).map { Int(rights[$0].available(to: RightsDeed.device($0))) }
        let isCovered = zip(own, balances).allSatisfy { $0 <= $1 }
        let isComplete = seen.allSatisfy { $0 == (1 << UInt16(log.count)) - 1 }
        let isBalanced = own.reduce(0, +) + balances[3] == Int(RightsDeed.granted)
        guard isCovered, balances[3] <= Int(RightsDeed.granted), !isComplete || isBalanced else {
            throw Overdraft(
                description: "after \(log) devices believe to have \(own), and have \(balances)")
        }
        for place in 0..<3 where isComplete && statesOutflow {
            guard rights[place] == rights[0], Int(rights[place].reserved) == balances[3] else {
                throw Overdraft(description: "after \(log) replicas differ")
            }
        }
    }
}
