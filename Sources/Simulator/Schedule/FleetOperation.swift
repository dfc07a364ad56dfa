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
    case allocate([Scenario.DeviceShare])
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
        case .allocate(let shares):
            "allocate "
                + shares.map { "\($0.device) \($0.share.basisPoints)" }.joined(separator: ", ")
        }
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
}
