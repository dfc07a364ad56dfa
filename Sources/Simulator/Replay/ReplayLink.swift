import SyncEngine
import SyncWire
import ZstdStream

/// A connection of a replay: the production session, codec and compression at either end of a link
/// that takes the same time for everything.
final class ReplayLink {
    typealias Connection = SyncConnection<ZstdCompressor, ZstdDecompressor>

    /// What is due later than this is a limit of patience and not work.
    static let workHorizon: Duration = .seconds(1)

    /// The devices at either end; the first opened the connection.
    let devices: [Int]
    /// Whether it stays up until a line closes it.
    let isLasting: Bool
    var ends: [Connection]
    var isOpen = true
    /// How many deliveries are under way.
    var inFlight = 0
    /// What has been counted of each end's traffic.
    var counted = [TrafficCount(), TrafficCount()]
    /// The earliest reminder that has been scheduled for an end.
    var scheduled: [Duration?] = [nil, nil]
    /// When the present exchange began: the opening, or the first change after a silence.
    var began: Duration
    /// Whether a segment has been applied in the present exchange.
    var hasApplied = false
    /// Which ends have what both had when they greeted.
    var synchronized = [false, false]
    /// Why an end closed the connection.
    var failure: String?

    init(
        between a: ReplayDevice, and b: ReplayDevice, isLasting: Bool, at now: Duration,
        options: ReplayOptions
    ) {
        devices = [a.index, b.index]
        self.isLasting = isLasting
        began = now
        ends = [(SyncSession.Role.initiator, a), (.responder, b)].map { role, device in
            Connection(
                role: role, identity: device.identity, nonce: device.nonces.connection(),
                expecting: role == .initiator ? b.identity.device : nil,
                compressor: options.compressor(), decompressor: options.decompressor())
        }
    }

    /// Whether anything is under way or soon due.
    func isBusy(at now: Duration) -> Bool {
        isOpen && (inFlight > 0 || ends.contains { isSoon($0.deadline, at: now) })
    }

    private func isSoon(_ deadline: MonotonicTime?, at now: Duration) -> Bool {
        deadline.map { $0.sinceStart <= now + Self.workHorizon } ?? false
    }
}
