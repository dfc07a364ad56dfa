/// What one replica says at one moment, in terms that the oracle can compare with its log.
///
/// Devices are named by their index in the scenario.
package struct DeviceObservation: Hashable, Sendable {
    package var digest: String
    /// How many writes it has seen; nothing if that is not known.
    package var writes: UInt64?
    /// Bytes measured, by device, in all billing periods.
    package var used: [Int: UInt64]
    /// Bytes granted in all.
    package var granted: UInt64
    /// Bytes reserved, by device.
    package var reserved: [Int: UInt64]
    /// Rights left, by device.
    package var available: [Int: UInt64]
    /// Profile fields by ICCID, then by name.
    package var profiles: [String: [String: String]]
    /// The values of each record of the app, ascending.
    package var records: [String: [String]] = [:]
    /// Who may use each right, by device.
    package var rights: [String: Int] = [:]
    /// Bytes measured by all devices in the current billing period.
    package var usedInPeriod: UInt64 = 0
    /// How many devices are members.
    package var members = 0
    /// How many values were lost to another write.
    package var lostValues = 0

    package init(
        digest: String, used: [Int: UInt64], granted: UInt64, reserved: [Int: UInt64],
        available: [Int: UInt64], profiles: [String: [String: String]]
    ) {
        self.digest = digest
        self.used = used
        self.granted = granted
        self.reserved = reserved
        self.available = available
        self.profiles = profiles
    }
}
