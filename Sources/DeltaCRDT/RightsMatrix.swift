public import CausalTime

/// The rights to one grant of a shared pool: who may still reserve how many bytes of it.
///
/// The grant mints all its bytes into the row of one device. From then on a device hands rights on
/// and reserves from what it holds, each after making it durable, and never needs to ask: it always
/// knows its whole outflow, and at most the true inflow. So the sum of all reservations never
/// exceeds the grant, however long the fleet is cut apart.
///
/// `available(i) = minted(i) + Σ transfers to i − Σ transfers by i − Σ reservations by i`
///
/// Source: D. Barbará, H. Garcia-Molina, "The Demarcation Protocol" (1994); V. Balegas et al.,
/// "Extending Eventually Consistent Cloud Databases for Enforcing Numeric Invariants" (SRDS 2015).
/// Differences: the minted amount is derived from the grant and written by nobody; entries belong
/// to writers and add up per device, so that a device restored from a backup, which is a new
/// writer, cannot hide what its former writer gave away or reserved.
public struct RightsMatrix: Mergeable {
    /// Names the rights that one writer of a device has handed to another device.
    public struct Transfer: Hashable, Sendable {
        /// The only writer of the entry.
        public let writer: WriterID
        /// The device that the writer belongs to.
        public let from: DeviceID
        /// The device that received the rights.
        public let to: DeviceID

        /// Names an entry.
        public init(writer: WriterID, from: DeviceID, to: DeviceID) {
            self.writer = writer
            self.from = from
            self.to = to
        }
    }

    /// Names the reservations of one writer of a device.
    public struct Reservation: Hashable, Sendable {
        /// The only writer of the entry.
        public let writer: WriterID
        /// The device that the writer belongs to.
        public let device: DeviceID

        /// Names an entry.
        public init(writer: WriterID, device: DeviceID) {
            self.writer = writer
            self.device = device
        }
    }

    /// Why rights could not be taken.
    ///
    /// Nothing has changed.
    public struct InsufficientRights: Error, Equatable {
        /// How many bytes were asked for.
        public let requested: UInt64
        /// How many bytes the device holds and has neither handed on nor reserved.
        public let available: UInt64
    }

    /// The bytes that the grant mints.
    public let granted: UInt64
    /// The device into whose row they are minted.
    public let minter: DeviceID
    /// Cumulative bytes handed on, per writer and receiver.
    public private(set) var transfers: [Transfer: UInt64] = [:]
    /// Cumulative bytes reserved, per writer.
    public private(set) var reservations: [Reservation: UInt64] = [:]

    /// The rights right after the grant: all with `minter`.
    public init(granted: UInt64, minter: DeviceID) {
        self.granted = granted
        self.minter = minter
    }

    /// All that `device` ever held: minted to it or received.
    ///
    /// Linear in the number of entries.
    public func received(by device: DeviceID) -> UInt64 {
        transfers.reduce(device == minter ? granted : 0) {
            $1.key.to == device ? $0.addingClamped($1.value) : $0
        }
    }

    /// All that `device` handed on.
    ///
    /// Linear in the number of entries.
    public func transferred(by device: DeviceID) -> UInt64 {
        transfers.reduce(0) { $1.key.from == device ? $0.addingClamped($1.value) : $0 }
    }

    /// All that `device` reserved.
    ///
    /// Linear in the number of entries.
    public func reserved(by device: DeviceID) -> UInt64 {
        reservations.reduce(0) { $1.key.device == device ? $0.addingClamped($1.value) : $0 }
    }

    /// All that has been reserved by anyone, as far as it is known here.
    public var reserved: UInt64 { reservations.values.reduce(0) { $0.addingClamped($1) } }

    /// What `device` may still hand on or reserve.
    ///
    /// On a replica of that device it is exact; elsewhere it is what was heard last. It is 0 where
    /// entries contradict the rules, which only a faulty peer can bring about.
    public func available(to device: DeviceID) -> UInt64 {
        let outflow = transferred(by: device).addingClamped(reserved(by: device))
        let inflow = received(by: device)
        return inflow > outflow ? inflow - outflow : 0
    }

    /// Hands `amount` bytes from the writer's device to another.
    ///
    /// The caller makes the changed entry durable before the receiver hears of it.
    public mutating func transfer(_ amount: UInt64, _ entry: Transfer) throws(InsufficientRights) {
        try demand(amount, of: entry.from)
        guard amount > 0, entry.from != entry.to else { return }
        transfers[entry] = (transfers[entry] ?? 0).addingClamped(amount)
    }

    /// Reserves `amount` bytes for the writer's device.
    ///
    /// The caller makes the changed entry durable before the bytes are used.
    public mutating func reserve(_ amount: UInt64, _ entry: Reservation) throws(InsufficientRights)
    {
        try demand(amount, of: entry.device)
        guard amount > 0 else { return }
        reservations[entry] = (reservations[entry] ?? 0).addingClamped(amount)
    }

    /// Takes in one transfer as another replica holds it.
    public mutating func merge(_ amount: UInt64, for entry: Transfer) {
        guard amount > 0 else { return }
        transfers[entry] = max(transfers[entry] ?? 0, amount)
    }

    /// Takes in one reservation as another replica holds it.
    public mutating func merge(_ amount: UInt64, for entry: Reservation) {
        guard amount > 0 else { return }
        reservations[entry] = max(reservations[entry] ?? 0, amount)
    }

    /// Takes the larger value of every entry.
    ///
    /// Both sides must be of the same grant.
    public mutating func merge(_ other: RightsMatrix) {
        for (entry, amount) in other.transfers { merge(amount, for: entry) }
        for (entry, amount) in other.reservations { merge(amount, for: entry) }
    }

    private func demand(_ amount: UInt64, of device: DeviceID) throws(InsufficientRights) {
        let available = available(to: device)
        guard amount <= available else {
            throw InsufficientRights(requested: amount, available: available)
        }
    }
}
