import FleetModel

/// Judges a run from outside: it trusts nothing but its own log of what devices were told and what
/// they acknowledged.
package struct Oracle: Sendable {
    /// An amount of which a part is certain.
    struct Tally: Sendable {
        /// Acknowledged.
        var least: UInt64 = 0
        /// Acknowledged or of unknown outcome.
        var most: UInt64 = 0
    }

    /// A write to a profile.
    struct ProfileWrite: Sendable {
        let device: Int
        /// The fields that were set; nothing for a removal.
        let fields: [ProfileField: String]?
        let isAddition: Bool
        let issuedAt: Duration
        /// When it was acknowledged; nothing if its outcome is unknown.
        var acknowledgedAt: Duration?
    }

    /// Names an operation that has been begun.
    package struct Ticket: Sendable {
        let device: Int
        let operation: FleetOperation
        let issuedAt: Duration
    }

    let deviceNames: [String]
    private(set) var used: [Tally]
    private(set) var reserved: [Tally]
    private(set) var granted = Tally()
    /// Whether the clocks of all devices were right at all times, so that the later of two writes
    /// has the greater time.
    package var clocksAreRight = true
    /// Whether some rights may have ended, so that they are nobody's any more.
    package var rightsMayEnd = false
    private(set) var profiles: [ICCID: [ProfileWrite]] = [:]
    /// Operations that devices refused, which is their right.
    package private(set) var refusals = 0
    /// What was found during the run.
    package private(set) var violations: [Violation] = []

    /// An oracle for devices of these names.
    package init(deviceNames: [String]) {
        self.deviceNames = deviceNames
        used = deviceNames.map { _ in Tally() }
        reserved = deviceNames.map { _ in Tally() }
    }

    /// All that was acknowledged as used, by device.
    package var acknowledgedUse: [UInt64] { used.map(\.least) }

    /// To be called before a device is told to do something.
    package func begin(
        _ operation: FleetOperation, device: Int, at time: Duration
    ) -> Ticket {
        Ticket(device: device, operation: operation, issuedAt: time)
    }

    /// To be called with the answer.
    ///
    /// Checks at once that the pool was not overdrawn.
    package mutating func end(_ ticket: Ticket, _ outcome: OperationOutcome, at time: Duration) {
        var isCertain = false
        var reservedBytes: UInt64?
        switch outcome {
        case .refused:
            refusals += 1
            return
        case .unknown, .failed: break
        case .acknowledged(let reserved):
            isCertain = true
            reservedBytes = reserved?.bytes
        }
        switch ticket.operation {
        case .use(let bytes, _, _):
            used[ticket.device].add(bytes.bytes, isCertain: isCertain)
        case .reserve(let bytes):
            // Of a reservation without an answer all that is known is its size, rounded up.
            reserved[ticket.device].add(
                reservedBytes ?? bytes.bytes + (1 << 20), isCertain: isCertain)
        case .grant(let bytes, _): granted.add(bytes.bytes, isCertain: isCertain)
        case .allocate, .hand, .request, .closePart, .setPeriod, .retire, .write, .right: break
        case .edit(let iccid, let field, let value):
            note([field: value], false, iccid, ticket, isCertain ? time : nil)
        case .addProfile(let iccid, let fields):
            note(fields, true, iccid, ticket, isCertain ? time : nil)
        case .removeProfile(let iccid): note(nil, false, iccid, ticket, isCertain ? time : nil)
        }
        checkPool(at: time)
    }

    /// To be called when a device is gone for ever: of what it did, only what others know is owed,
    /// which is what those say now that are left.
    package mutating func lose(_ device: Int, knownTo others: [DeviceObservation]) {
        func known(_ amount: (DeviceObservation) -> UInt64?) -> UInt64 {
            others.compactMap(amount).max() ?? 0
        }
        used[device].least = min(used[device].least, known { $0.used[device] })
        reserved[device].least = min(reserved[device].least, known { $0.reserved[device] })
        granted.least = min(granted.least, known(\.granted))
        for (iccid, writes) in profiles {
            profiles[iccid] = writes.map { write in
                var write = write
                if write.device == device { write.acknowledgedAt = nil }
                return write
            }
        }
    }

    /// Adds a violation that someone else found.
    package mutating func report(_ violation: Violation) { violations.append(violation) }

    private mutating func note(
        _ fields: [ProfileField: String]?, _ isAddition: Bool, _ iccid: ICCID, _ ticket: Ticket,
        _ acknowledgedAt: Duration?
    ) {
        profiles[iccid, default: []].append(
            ProfileWrite(
                device: ticket.device, fields: fields, isAddition: isAddition,
                issuedAt: ticket.issuedAt,
                acknowledgedAt: acknowledgedAt))
    }

    private mutating func checkPool(at time: Duration) {
        let sum = reserved.reduce(0) { $0 + $1.least }
        guard sum > granted.most else { return }
        violations.append(
            Violation(
                .pool, at: time, "\(sum) bytes reserved of \(granted.most) granted"))
    }
}

extension Oracle.Tally {
    mutating func add(_ amount: UInt64, isCertain: Bool) {
        most += amount
        if isCertain { least += amount }
    }

    func contains(_ amount: UInt64) -> Bool { (least...most).contains(amount) }

    var text: String { least == most ? "\(least)" : "\(least) to \(most)" }
}
