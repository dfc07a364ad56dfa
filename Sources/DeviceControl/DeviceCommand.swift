/// What one device can be told.
///
/// The verbs of the `caravan` command, as they travel to a process that serves the replica and as
/// they are executed on a replica that nobody serves. One JSON object on one line; byte counts are
/// plain numbers of bytes.
package enum DeviceCommand: Codable, Hashable, Sendable {
    case status
    case profileAdd(iccid: String, fields: [String: String])
    case profileSet(iccid: String, field: String, value: String)
    /// Sets several fields in one transaction.
    case profileEdit(iccid: String, fields: [String: String])
    case profileRemove(iccid: String)
    case profileList
    case poolGrant(bytes: UInt64, validSeconds: Double)
    /// Shares in basis points by device name or identifier, in the order in which they are rounded.
    case poolAllocate(shares: [DeviceShare], lease: LeaseTerms? = nil)
    /// Asks the fleet for rights, so that so many bytes can be reserved.
    case poolRequest(bytes: UInt64)
    /// Closes this device's part of a grant, named by its identifier.
    case poolClose(grant: String)
    case poolShow
    case usageRecord(UsageMeasurement)
    case usageList
    case reserve(bytes: UInt64)
    /// One exchange with a peer, to the end or until so many bytes have passed.
    case sync(address: String, budget: UInt64? = nil)

    /// A device's share.
    package struct DeviceShare: Codable, Hashable, Sendable {
        package let device: String
        package let basisPoints: Int

        package init(device: String, basisPoints: Int) {
            self.device = device
            self.basisPoints = basisPoints
        }
    }

    /// For how long a part is handed on, and below how many bytes its device asks for more.
    package struct LeaseTerms: Codable, Hashable, Sendable {
        package let seconds: Double
        package let topUpBelow: UInt64

        package init(seconds: Double, topUpBelow: UInt64 = 0) {
            self.seconds = seconds
            self.topUpBelow = topUpBelow
        }
    }

    /// What `usage record` is told.
    package struct UsageMeasurement: Codable, Hashable, Sendable {
        package var received: UInt64
        package var sent: UInt64
        package var iccid: String
        package var epoch: UInt64
        package var country: String

        package init(
            received: UInt64, sent: UInt64 = 0, iccid: String = "", epoch: UInt64 = 0,
            country: String = ""
        ) {
            self.received = received
            self.sent = sent
            self.iccid = iccid
            self.epoch = epoch
            self.country = country
        }
    }
}
