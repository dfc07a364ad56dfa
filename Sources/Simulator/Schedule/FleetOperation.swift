package import FleetModel

/// Something that a device is told to do: the same in virtual time and with real processes.
package enum FleetOperation: Equatable, Sendable {
    case edit(ICCID, ProfileField, String)
    case addProfile(ICCID, [ProfileField: String])
    case removeProfile(ICCID)
    case use(ByteCount, iccid: String, country: String)
    case reserve(ByteCount)
    case grant(ByteCount, valid: Duration)
    /// Shares by device index.
    case allocate([Scenario.DeviceShare], lease: Scenario.LeaseTerms?)
    /// Hands rights on.
    case hand(ByteCount, to: Int, lease: Scenario.LeaseTerms?)
    /// Asks the fleet for rights, so that so much can be reserved.
    case request(ByteCount)
    /// Gives back what it holds of the grant that ends first, for good.
    case closePart
    /// Begins a billing period.
    case setPeriod(String)
    /// Takes a device out of those that the fleet waits for.
    case retire(Int)
    /// Writes a record of the app.
    case write(record: String, String)
    /// Does something with a right.
    case right(String, RightAction)

    /// What is done with a right.
    package enum RightAction: Equatable, Sendable {
        case offer(to: Int)
        case accept
        case decline
        /// The authority of this term says who has it from now on.
        case override(to: Int, term: UInt64)
    }
}

extension FleetOperation: CustomStringConvertible {
    /// The operation for the trace: the same text in every process, which the order of a dictionary
    /// would not be.
    package var description: String {
        switch self {
        case .edit(let iccid, let field, let value): "edit \(iccid.digits) \(field) \(value)"
        case .addProfile(let iccid, let fields):
            "add \(iccid.digits) "
                + ProfileField.allCases.compactMap { field in
                    fields[field].map { "\(field) \($0)" }
                }.joined(separator: ", ")
        case .removeProfile(let iccid): "remove \(iccid.digits)"
        case .use(let bytes, let iccid, let country): "use \(bytes.bytes) \(iccid) \(country)"
        case .reserve(let bytes): "reserve \(bytes.bytes)"
        case .grant(let bytes, let valid): "grant \(bytes.bytes) for \(valid.wholeMilliseconds) ms"
        case .allocate(let shares, let lease):
            "allocate "
                + shares.map { "\($0.device) \($0.share.basisPoints)" }.joined(separator: ", ")
                + Self.text(of: lease)
        case .hand(let bytes, let device, let lease):
            "hand \(bytes.bytes) to \(device)" + Self.text(of: lease)
        case .request(let bytes): "request \(bytes.bytes)"
        case .closePart: "close"
        case .setPeriod(let name): "period \(name)"
        case .retire(let device): "retire \(device)"
        case .write(let record, let value): "write \(record) \(value)"
        case .right(let name, let action): "right \(name) \(action)"
        }
    }

    private static func text(of lease: Scenario.LeaseTerms?) -> String {
        lease.map { " for \($0.length.wholeMilliseconds) ms above \($0.topUpBelow.bytes)" } ?? ""
    }
}

/// What came of an operation.
package enum OperationOutcome: Hashable, Sendable {
    /// It is durable on its device. Of a reservation: how much was reserved.
    case acknowledged(reserved: ByteCount?)
    /// The device refused; nothing changed.
    case refused(String)
    /// The device ended before it answered: it may have happened or not.
    case unknown
    /// The device could not: it may be there nevertheless once what kept it from it is over.
    case failed(String)
}
