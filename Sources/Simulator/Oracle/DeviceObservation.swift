/// What one replica says at one moment, in terms that the oracle can compare with its log.
///
/// Devices are named by their index in the scenario.
package struct DeviceObservation: Hashable, Sendable {
    package var digest: String
    /// Bytes measured, by device.
    package var used: [Int: UInt64]
    /// Bytes granted in all.
    package var granted: UInt64
    /// Bytes reserved, by device.
    package var reserved: [Int: UInt64]
    /// Rights left, by device.
    package var available: [Int: UInt64]
    /// Profile fields by ICCID, then by name.
    package var profiles: [String: [String: String]]

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
