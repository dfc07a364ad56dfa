package import FleetModel

/// How a device meters what it uses: it reserves whole blocks before it uses them, so that a crash
/// costs at most a block and the pool is never overdrawn.
package struct Metering: Sendable {
    /// What the device has reserved, as acknowledged.
    package private(set) var reserved = ByteCount.zero
    /// What it has used.
    package private(set) var used = ByteCount.zero

    package init() {}

    /// How much has to be reserved before `bytes` may be used; nothing if enough is.
    package func shortfall(for bytes: ByteCount) -> ByteCount? {
        let needed = used.addingClamped(bytes)
        guard let missing = needed.subtracting(reserved), missing > .zero else { return nil }
        return missing
    }

    /// Takes note of an acknowledged reservation.
    package mutating func didReserve(_ bytes: ByteCount) {
        reserved = reserved.addingClamped(bytes)
    }

    /// Takes note of use that has happened.
    package mutating func didUse(_ bytes: ByteCount) { used = used.addingClamped(bytes) }
}
