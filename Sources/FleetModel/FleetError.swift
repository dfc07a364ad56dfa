public import CausalTime
import DeltaCRDT

/// Why the travel domain refuses.
///
/// Nothing has changed.
public enum FleetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is no ICCID.
    case invalidICCID(String)
    /// There is no such profile here.
    case unknownProfile(ICCID)
    /// The profile is there already.
    case profileExists(ICCID)
    /// There is no such field, or the value does not suit it.
    case invalidField(String)
    /// No member of the fleet has that name or identifier.
    case unknownDevice(String)
    /// Two members have that name.
    case ambiguousDevice(String)
    /// There is no grant of data that is valid now.
    case noGrant
    /// The device holds too few rights; see `RightsMatrix`.
    case insufficientRights(requested: ByteCount, available: ByteCount)
    /// This device's lease on the rights to a grant has ended.
    case leaseEnded
    /// The device has closed its part of a grant for good.
    case closed(DeviceID)
    /// The device that a grant was minted to cannot close its part.
    case minterCannotClose
    /// The lease is not one that can be given.
    case invalidLease(String)
    /// The shares are not ones that can be given out.
    case invalidShares(String)
    /// The amount is too large, or not positive where it has to be.
    case invalidAmount(String)

    /// One line: what is wrong and what to do.
    public var description: String {
        switch self {
        case .invalidICCID(let text): "'\(text)' is no ICCID: 18 to 20 digits"
        case .unknownProfile(let iccid): "there is no profile \(iccid.digits) here"
        case .profileExists(let iccid): "profile \(iccid.digits) exists already"
        case .invalidField(let reason): reason
        case .unknownDevice(let name): "no device '\(name)' in this fleet"
        case .ambiguousDevice(let name):
            "more than one device is called '\(name)'; use its identifier"
        case .noGrant: "the pool has no grant that is valid now"
        case .insufficientRights(let requested, let available):
            "\(requested) asked for, but this device holds rights to \(available) only"
        case .leaseEnded:
            "this device's lease on the grant has ended; who handed the rights on can renew it"
        case .closed(let device):
            "device \(device.abbreviated) has closed its part of the grant for good"
        case .minterCannotClose:
            "the rights to a grant come back to this device: it cannot close its part"
        case .invalidLease(let reason): reason
        case .invalidShares(let reason): reason
        case .invalidAmount(let reason): reason
        }
    }
}

extension FleetError {
    /// Why rights of this device may not be used.
    init(_ refusal: RightsMatrix.Refusal, of device: DeviceID) {
        self =
            switch refusal {
            case .insufficient(let requested, let available):
                .insufficientRights(
                    requested: ByteCount(requested), available: ByteCount(available))
            case .leaseEnded: .leaseEnded
            case .closed: .closed(device)
            case .minter: .minterCannotClose
            }
    }
}
