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

/// What came of an operation.
package enum OperationOutcome: Hashable, Sendable {
    /// It is durable on its device. Of a reservation: how much was reserved.
    case acknowledged(reserved: ByteCount?)
    /// The device refused; nothing changed.
    case refused(String)
    /// The device ended before it answered: it may have happened or not.
    case unknown
}
