import CausalTime
import DeltaCRDT
import FleetModel
import ReplicaModel
import SyncTestKit

/// One random life of a grant of 100 blocks among four devices.
struct PoolLife {
    /// What is done wrongly.
    enum Fault: CaseIterable {
        case none
        /// The device that holds the grant writes a second one of the same name in its own row.
        case mintingTwice
        /// The minter declares the part of a device closed once its lease has ended.
        case takingBackAtLeaseEnd
        /// A restored device goes on before it knows what it did after the backup.
        case goingOnAfterRestore
    }

    private static let leaseEnd: Int64 = 25
    private let block = FleetChanges<ModelReplica>.reservationBlock.bytes

    private let fault: Fault
    private var random: SplitMix64
    private var replicas: [FleetReplica]
    private let grant: Grant
    private var net: [Cell] = []
    private var backup: ModelReplica?
    /// What device 3 had done when it was lost.
    private var lost: [Cell]?
    /// Bytes that were really reserved.
    private(set) var spent: UInt64 = 0

    init(_ fault: Fault, seed: Seed) throws {
        self.fault = fault
        random = seed.generator
        replicas = try (1...4).map { try FleetReplica($0) }
        for replica in replicas {
            try replica.changes.joinFleet(name: "\(replica.device)", deviceClass: .other)
        }
        grant = try replicas[0].grant(ByteCount(100 * block), until: 1000)
        try replicas[0].changes.transfer(
            ByteCount(40 * block), of: grant, to: replicas[1].device,
            lease: Lease(
                until: WallTime(milliseconds: Self.leaseEnd), topUpBelow: ByteCount(10 * block)))
        try meet(replicas[0], replicas[1], replicas[2], replicas[3])
        for replica in replicas { _ = replica.cells.takeJournal() }
        if fault == .mintingTwice { try mintAgain() }
    }

    /// Whether more was reserved than granted at any time.
    mutating func isOverdrawn() throws -> Bool {
        for step in 0..<100 {
            for replica in replicas { replica.now = Int64(step) }
            let place = Int(random.next() % 4)
            do { try move(at: place) } catch is FleetError {}
            for replica in replicas { net += replica.cells.takeJournal().map(\.cell) }
            if spent > grant.bytes.bytes { return true }
        }
        return false
    }

    /// What everyone's cells together say is reserved.
    func knownReservations() throws -> UInt64 {
        let observer = try FleetReplica(9)
        for replica in replicas { try observer.pull(from: replica) }
        try Self.deliver(net, to: observer)
        return try observer.view.pool(at: observer.cells.now).reserved.bytes
    }

    private mutating func move(at place: Int) throws {
        let replica = replicas[place]
        switch random.next() % 100 {
        case 0..<25:
            guard try mayLetGo(place) else { return }
            spent += try replica.changes.reserve(amount(at: place)).bytes
        case 25..<40:
            guard try mayLetGo(place) else { return }
            try replica.changes.transfer(
                amount(at: place), of: grant, to: random.pick(replicas).device)
        case 40..<44:
            _ = try replica.changes.requestRights(ByteCount(block * (1 + random.next() % 40)))
        case 44..<50: if try mayLetGo(place) { try replica.changes.answerRequests() }
        case 50..<55: try saveOrRestore(place)
        case 55..<60: try close(at: place)
        default:
            guard !net.isEmpty else { return }
            let cells = (0...random.next() % 10).map { _ in random.pick(net) }
            try Self.deliver(cells, to: replica)
        }
    }

    /// Some of what a device has left: it is used up in the end, so that a byte too many shows.
    private mutating func amount(at place: Int) throws -> ByteCount {
        let left = try replicas[place].allowance()?.available.bytes ?? 0
        return ByteCount(1 + random.next() % min(30 * block, max(1, left)))
    }

    /// Single cells, and nothing else of what their writers did before.
    private static func deliver(_ cells: [Cell], to replica: FleetReplica) throws {
        let seen = replica.cells.vectors[.control]
        try replica.cells.apply(
            Segment(lane: .control, base: seen, claim: seen, clock: .zero, cells: cells))
    }

    private mutating func saveOrRestore(_ place: Int) throws {
        guard place == 2, lost == nil else { return }
        guard let saved = backup else {
            backup = replicas[2].cells.copy()
            return
        }
        lost = replicas[2].cells.sortedCells.filter { $0.dot.writer == .numbered(3) }
        replicas[2] = try FleetReplica(restored: saved, as: 13)
    }

    /// A restored device waits until it knows again what it did.
    private func mayLetGo(_ place: Int) throws -> Bool {
        guard place == 2, fault != .goingOnAfterRestore, let lost else { return true }
        return lost.allSatisfy { cell in
            replicas[2].cells.cells[cell.key].map { !cell.supersedes($0) } ?? false
        }
    }

    private mutating func close(at place: Int) throws {
        let isOver = replicas[place].now > Self.leaseEnd
        if fault == .takingBackAtLeaseEnd, place == 0, isOver {
            // As the part's own device would write it, by what the minter knows.
            let known = try replicas[0].view.pool(at: replicas[0].cells.now).grants.first?.rights
            let outflow = known?.outflow(of: replicas[1].device) ?? 0
            let closing = Cell(
                key: CellKey(
                    lane: .control, collection: CollectionID(rawValue: 13),
                    row: grant.id.bytes + replicas[1].device.bytes,
                    field: FieldID(rawValue: 1), owner: .numbered(2)),
                kind: .counter, dot: .at(2, 1000), value: Cell.encoded(amount: outflow))
            return try Self.deliver([closing], to: replicas[0])
        }
        guard try mayLetGo(place), place == 2 || place == 1 && isOver else { return }
        try replicas[place].changes.closePart(of: grant)
    }

    /// The facts of the grant as device 2 would have written them, earlier than those of the
    /// minter.
    private mutating func mintAgain() throws {
        let facts = replicas[0].cells.sortedCells.filter {
            $0.kind == .fact && $0.key.row == grant.id.bytes
        }
        let copies = facts.map { fact in
            let isMinter = CellValue(encoded: fact.value) == .bytes(grant.minter.bytes)
            let value =
                isMinter ? CellValue.bytes(replicas[1].device.bytes).encoded : fact.value
            return Cell(
                key: fact.key, kind: .fact, dot: Dot(writer: .numbered(0), sequence: 1),
                value: value)
        }
        try Self.deliver(copies, to: replicas[1])
    }
}
