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
        case .invalidShares(let reason): reason
        case .invalidAmount(let reason): reason
        }
    }
}
