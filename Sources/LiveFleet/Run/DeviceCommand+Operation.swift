import DeviceControl
import FleetModel
import Simulator

extension DeviceCommand {
    /// The command by which a device is told to do something.
    ///
    /// - Parameters:
    ///   - operation: What to do.
    ///   - names: Of the devices.
    ///   - timescale: A grant's validity passes as fast as everything else.
    /// - Throws: `LiveError` where no verb does that; a run refuses such a scenario before.
    init(_ operation: FleetOperation, names: [String], timescale: Double) throws(LiveError) {
        switch operation {
        case .edit(let iccid, let field, let value):
            self = .profileSet(iccid: iccid.digits, field: field.name, value: value)
        case .addProfile(let iccid, let fields):
            let named = fields.map { ($0.key.name, $0.value) }
            self = .profileAdd(
                iccid: iccid.digits, fields: Dictionary(uniqueKeysWithValues: named))
        case .removeProfile(let iccid): self = .profileRemove(iccid: iccid.digits)
        case .use(let bytes, let iccid, let country):
            self = .usageRecord(
                UsageMeasurement(received: bytes.bytes, iccid: iccid, country: country))
        case .reserve(let bytes): self = .reserve(bytes: bytes.bytes)
        case .grant(let bytes, let valid):
            self = .poolGrant(bytes: bytes.bytes, validSeconds: valid.inSeconds / timescale)
        case .allocate(let shares, let lease):
            self = .poolAllocate(
                shares: shares.map {
                    DeviceShare(device: names[$0.device], basisPoints: $0.share.basisPoints)
                },
                lease: lease.map {
                    LeaseTerms(
                        seconds: $0.length.inSeconds / timescale, topUpBelow: $0.topUpBelow.bytes)
                })
        case .request(let bytes): self = .poolRequest(bytes: bytes.bytes)
        case .hand, .closePart, .setPeriod, .retire, .write, .right:
            throw LiveError(.mistake, "`caravan` has no verb for: \(operation)")
        }
    }
}

extension OperationOutcome {
    /// What an answer means for the operation that was asked for.
    init(_ reply: DeviceReply) {
        switch reply {
        case .reserved(let bytes, _): self = .acknowledged(reserved: ByteCount(bytes))
        case .failed(let failure) where failure.isMistake: self = .refused(failure.message)
        // What broke may have broken after the operation was on disk.
        case .failed: self = .unknown
        default: self = .acknowledged(reserved: nil)
        }
    }
}
