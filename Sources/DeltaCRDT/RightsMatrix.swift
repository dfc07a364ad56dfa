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
/// **Leases.** A device other than the minter may hold its rights on a lease: it uses them only
/// before the lease ends. A lease is only ever extended, and nobody takes rights back because it
/// has ended: its device may have used them all where nobody could hear of it.
///
/// **Closings.** Rights come back only if the device itself closes its part. That is its last
/// word: it never hands on or reserves again, and all that it holds or still receives counts as the
/// minter's,
///
/// `minted(minter) = granted + Σ over closed i of (Σ transfers to i − outflow(i))`
///
/// which is derived whenever it is read and written by nobody. It is sound because a closing states
/// the whole outflow of its device. Whoever has heard of it therefore knows that outflow exactly,
/// also if the entries that make it up have not arrived, and knows at most the true inflow: so the
/// minter believes to have at most what has really come back. Transfers of those who have not
/// heard of the closing go on, and only add to that.
///
/// Source: D. Barbará, H. Garcia-Molina, "The Demarcation Protocol" (1994); V. Balegas et al.,
/// "Extending Eventually Consistent Cloud Databases for Enforcing Numeric Invariants" (SRDS 2015).
/// Differences: the minted amount is derived from the grant and written by nobody; entries belong
/// to writers and add up per device, so that a device restored from a backup, which is a new
/// writer, cannot hide what its former writer gave away or reserved. Leases limit a device's own
/// use and nothing else.
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

    /// Names the closing of a device's part by one of its writers.
    public struct Closing: Hashable, Sendable {
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

    /// Why rights may not be used.
    ///
    /// Nothing has changed.
    public enum Refusal: Error, Hashable, Sendable {
        /// The device holds too few: how many bytes were asked for, and how many it holds and has
        /// neither handed on nor reserved.
        case insufficient(requested: UInt64, available: UInt64)
        /// The device's lease ended at this time.
        case leaseEnded(WallTime)
        /// The device has closed its part.
        case closed
        /// The minter cannot close its part: that is where the rights of others come back to.
        case minter
    }

    /// The bytes that the grant mints.
    public let granted: UInt64
    /// The device into whose row they are minted.
    public let minter: DeviceID
    /// Cumulative bytes handed on, per writer and receiver.
    public internal(set) var transfers: [Transfer: UInt64] = [:]
    /// Cumulative bytes reserved, per writer.
    public internal(set) var reservations: [Reservation: UInt64] = [:]
    /// What a device had handed on and reserved when it closed its part, per writer.
    public internal(set) var closings: [Closing: UInt64] = [:]
    /// The latest end of a lease that each device has been given.
    public internal(set) var leases: [DeviceID: WallTime] = [:]

    /// The rights right after the grant: all with `minter`.
    public init(granted: UInt64, minter: DeviceID) {
        self.granted = granted
        self.minter = minter
    }

    // MARK: Merging

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

    /// Takes in one closing, which states an outflow, as another replica holds it.
    public mutating func merge(_ outflow: UInt64, for entry: Closing) {
        closings[entry] = max(closings[entry] ?? 0, outflow)
    }

    /// Takes in the end of a lease; of two the later one counts.
    public mutating func merge(leaseUntil end: WallTime, of device: DeviceID) {
        leases[device] = max(leases[device] ?? end, end)
    }

    /// Takes the larger value of every entry.
    ///
    /// Both sides must be of the same grant.
    public mutating func merge(_ other: RightsMatrix) {
        for (entry, amount) in other.transfers { merge(amount, for: entry) }
        for (entry, amount) in other.reservations { merge(amount, for: entry) }
        for (entry, outflow) in other.closings { merge(outflow, for: entry) }
        for (device, end) in other.leases { merge(leaseUntil: end, of: device) }
    }
}
