import CausalTime
import DeltaCRDT
import SyncTestKit

/// A random life of one grant among four devices.
///
/// Its entries travel one by one: late, in any order, repeated. An outside count says what was
/// really reserved.
///
/// Devices hand on and reserve what they can, also to devices that have closed their part; device 1
/// has a lease that ends, closes its part some time after that, and device 2 may be restored from a
/// backup. The faults are ways of doing it that look right and are not.
struct RightsGame {
    /// What is done wrongly; nothing by default.
    enum Fault: CaseIterable {
        case none
        /// The minter takes back what device 1 had, as far as it knows, once its lease has ended.
        case takingBackAtLeaseEnd
        /// Device 1 mints the same grant into its own row as well.
        case mintingTwice
        /// Device 1 also writes in the row of device 0.
        case writingInAnothersRow
        /// A restored device goes on before it knows what it did after the backup.
        case goingOnAfterRestore
        /// A restored device goes on under its former writer, whose entries it raises again.
        case goingOnAsTheSameWriter
        /// A closing does not say what its device had handed on and reserved.
        case closingWithoutOutflow
    }

    /// One entry as it travels.
    private enum Message {
        case transfer(RightsMatrix.Transfer, UInt64)
        case reservation(RightsMatrix.Reservation, UInt64)
        case closing(RightsMatrix.Closing, UInt64)
        case lease(DeviceID, WallTime)
    }

    private static let granted: UInt64 = 100
    private static let leaseEnd = WallTime(milliseconds: 25)

    private let fault: Fault
    private var random: SplitMix64
    private var rights: [RightsMatrix]
    private var writers = (0..<4).map { WriterID.numbered(UInt32($0 + 1)) }
    private var messages: [Message] = []
    private var backup: RightsMatrix?
    /// What device 2 knew when it was lost.
    private var lost: RightsMatrix?
    private var time = WallTime(milliseconds: 0)
    /// What was really reserved.
    private(set) var spent: UInt64 = 0

    init(_ fault: Fault, seed: Seed) {
        self.fault = fault
        random = seed.generator
        rights = Array(
            repeating: RightsMatrix(granted: Self.granted, minter: Self.device(0)), count: 4)
        if fault == .mintingTwice {
            rights[1] = RightsMatrix(granted: Self.granted, minter: Self.device(1))
        }
        send(.lease(Self.device(1), Self.leaseEnd))
        rights[1].merge(leaseUntil: Self.leaseEnd, of: Self.device(1))
    }

    private static func device(_ place: Int) -> DeviceID { .numbered(UInt32(place + 1)) }

    /// Whether more was reserved than granted at any time.
    mutating func isOverdrawn(steps: Int = 100) -> Bool {
        for step in 0..<steps {
            time = WallTime(milliseconds: Int64(step))
            do {
                try move(of: Int(random.next() % 4))
            } catch is RightsMatrix.Refusal {
                continue
            } catch {
                return true
            }
            if spent > Self.granted { return true }
        }
        return false
    }

    private mutating func move(of place: Int) throws {
        // What is there is used up, so that a byte too many shows.
        let available = rights[place].available(to: Self.device(place))
        let amount = 1 + random.next() % min(30, max(1, available))
        switch random.next() % 100 {
        case 0..<25: try reserve(amount, at: place)
        case 25..<45: try transfer(amount, from: place, to: Int(random.next() % 4))
        case 45..<50: saveOrRestore(place)
        case 50..<55: try close(at: place)
        default:
            for _ in 0...random.next() % 8 where !messages.isEmpty {
                deliver(random.pick(messages), to: place)
            }
        }
    }

    /// The device whose rights a replica uses.
    private mutating func row(at place: Int) -> Int {
        fault == .writingInAnothersRow && place == 1 && random.chance(30) ? 0 : place
    }

    /// A device that was restored waits until it knows again what it did.
    private func isFrozen(_ place: Int) -> Bool {
        guard place == 2, fault != .goingOnAfterRestore, fault != .goingOnAsTheSameWriter,
            let lost
        else { return false }
        let device = Self.device(2)
        return rights[2].outflow(of: device) < lost.outflow(of: device)
            || !rights[2].isClosed(device) && lost.isClosed(device)
    }

    private mutating func reserve(_ amount: UInt64, at place: Int) throws {
        guard !isFrozen(place) else { return }
        let row = row(at: place)
        let entry = RightsMatrix.Reservation(writer: writers[row], device: Self.device(row))
        try rights[place].reserve(amount, entry, at: time)
        spent += amount
        send(.reservation(entry, rights[place].reservations[entry] ?? 0))
    }

    private mutating func transfer(_ amount: UInt64, from place: Int, to other: Int) throws {
        guard !isFrozen(place) else { return }
        let row = row(at: place)
        let entry = RightsMatrix.Transfer(
            writer: writers[row], from: Self.device(row), to: Self.device(other))
        guard row != other else { return }
        try rights[place].transfer(amount, entry, at: time)
        send(.transfer(entry, rights[place].transfers[entry] ?? 0))
    }

    private mutating func saveOrRestore(_ place: Int) {
        guard place == 2, lost == nil else { return }
        guard let saved = backup else {
            backup = rights[2]
            return
        }
        lost = rights[2]
        rights[2] = saved
        if fault != .goingOnAsTheSameWriter { writers[2] = .numbered(12) }
    }

    private mutating func close(at place: Int) throws {
        if fault == .takingBackAtLeaseEnd, place == 0, time > Self.leaseEnd {
            // As if it had closed: what the minter knows of its outflow is taken for all of it.
            rights[0].merge(
                0, for: RightsMatrix.Closing(writer: writers[1], device: Self.device(1)))
            return
        }
        guard !isFrozen(place), place == 2 || place == 1 && time > Self.leaseEnd else { return }
        let entry = RightsMatrix.Closing(writer: writers[place], device: Self.device(place))
        try rights[place].close(entry)
        guard let outflow = rights[place].closings[entry] else { return }
        send(.closing(entry, fault == .closingWithoutOutflow ? 0 : outflow))
    }

    private mutating func send(_ message: Message) { messages.append(message) }

    private mutating func deliver(_ message: Message, to place: Int) {
        switch message {
        case .transfer(let entry, let amount): rights[place].merge(amount, for: entry)
        case .reservation(let entry, let amount): rights[place].merge(amount, for: entry)
        case .closing(let entry, let outflow): rights[place].merge(outflow, for: entry)
        case .lease(let device, let end): rights[place].merge(leaseUntil: end, of: device)
        }
    }
}
