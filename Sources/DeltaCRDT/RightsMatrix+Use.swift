public import CausalTime

/// What a device does with its rights.
///
/// The caller makes the changed entry durable before anyone else hears of it or the bytes are used.
extension RightsMatrix {
    /// Hands `amount` bytes from the writer's device to another.
    ///
    /// - Parameters:
    ///   - amount: How many bytes.
    ///   - entry: Whose entry of the matrix is raised.
    ///   - time: When it happens; decides whether the device's lease has ended.
    /// - Throws: ``Refusal``; nothing has changed then.
    public mutating func transfer(
        _ amount: UInt64, _ entry: Transfer, at time: WallTime
    ) throws(Refusal) {
        if let refusal = refusal(of: amount, by: entry.from, at: time) { throw refusal }
        guard amount > 0, entry.from != entry.to else { return }
        transfers[entry] = (transfers[entry] ?? 0).addingClamped(amount)
    }

    /// Reserves `amount` bytes for the writer's device.
    ///
    /// - Parameters:
    ///   - amount: How many bytes.
    ///   - entry: Whose entry of the matrix is raised.
    ///   - time: When it happens; decides whether the device's lease has ended.
    /// - Throws: ``Refusal``; nothing has changed then.
    public mutating func reserve(
        _ amount: UInt64, _ entry: Reservation, at time: WallTime
    ) throws(Refusal) {
        if let refusal = refusal(of: amount, by: entry.device, at: time) { throw refusal }
        guard amount > 0 else { return }
        reservations[entry] = (reservations[entry] ?? 0).addingClamped(amount)
    }

    /// Closes the part of the writer's device for good; does nothing if it is closed.
    ///
    /// A lease that has ended is no obstacle.
    ///
    /// - Throws: ``Refusal/minter``.
    public mutating func close(_ entry: Closing) throws(Refusal) {
        guard entry.device != minter else { throw .minter }
        guard !isClosed(entry.device) else { return }
        closings[entry] = outflow(of: entry.device)
    }
}
