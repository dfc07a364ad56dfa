public import CausalTime
import ReplicaModel
public import SyncEngine
import SyncTransport
import SyncWire
import ZstdStream

/// An exchange with another replica over whatever carries bytes: Bluetooth, WatchConnectivity, a
/// file that travels on a stick.
///
/// ```swift
/// var session = try replica.session(with: tablet)
/// try send(session.start())
/// while let bytes = try receive() { try send(session.receive(bytes)) }
/// ```
///
/// It is the same session as that of a ``SyncService``, with bytes in and bytes out, and it does
/// nothing by itself. Bytes may come in pieces of any size but have to come in order. Each part has
/// a check of 32 bits over all bytes before it: lost, repeated, reordered or changed ones, and
/// those of another session, end the session with an error and change nothing. What had arrived
/// intact by then stays; another session sends what is missing.
///
/// A value of one owner; its calls block for as long as the database works.
public struct ReplicaSession {
    private typealias Connection = SyncConnection<ZstdCompressor, ZstdDecompressor>

    private let gate: ReplicaGate
    private let expected: DeviceID?
    private var connection: Connection
    private var hasStarted = false

    /// The device on the other side, once it has said who it is.
    public private(set) var peer: DeviceID?
    /// Whether everything that either side had when it greeted is now with both.
    public private(set) var isSynchronized = false
    /// What was found and done about a peer that had seen the same and held other data.
    public private(set) var divergence: Divergence?
    /// After an error, what tells the peer why; worth sending if that is still possible.
    public private(set) var farewell: [UInt8] = []
    /// How many cells of the peer have been taken in.
    public private(set) var cellsReceived = 0

    init(_ replica: Replica, role: SyncSession.Role, expecting device: DeviceID?) {
        gate = ReplicaGate(replica: replica)
        expected = device
        var limits = SessionLimits()
        // Whoever owns the session may let go of it at any time without a word.
        limits.stagingDelay = .zero
        connection = Connection(
            role: role,
            identity: Preamble(capabilities: .own, fleet: replica.fleet, device: replica.device),
            nonce: .random(in: 0 ... .max), expecting: device, limits: limits,
            compressor: ZstdCompressor(), decompressor: ZstdDecompressor())
    }

    /// Whether the session has ended.
    public var isClosed: Bool { connection.isClosed }
    /// Bytes handed out so far.
    public var bytesSent: UInt64 { connection.traffic.bytesSent }
    /// Bytes taken in so far.
    public var bytesReceived: UInt64 { connection.traffic.bytesReceived }
    /// When ``proceed(at:)`` is due, on the clock that `now` arguments are of.
    public var deadline: MonotonicTime? { connection.deadline }

    /// Begins: to be called once, by both sides.
    ///
    /// - Parameter now: The time on any clock that does not go back.
    /// - Returns: What to send; nothing on the side that was called.
    /// - Throws: `SyncError` if the replica cannot be read.
    public mutating func start(at now: MonotonicTime = .now) throws(SyncError) -> [UInt8] {
        guard !hasStarted else { return [] }
        hasStarted = true
        return try take(connection.connected(at: now, replica: gate))
    }

    /// Takes in bytes of the peer, cut anywhere.
    ///
    /// What was a whole segment by then is durable in the replica on return.
    /// - Parameters:
    ///   - bytes: The next ones.
    ///   - now: The time.
    /// - Returns: What to send.
    /// - Throws: `SyncError`; the session is closed then. Its code says why: the peer broke a rule
    ///   (`refused`, `notCaravan`), refused us (`refusedByPeer`), is of another fleet
    ///   (`otherFleet`), of another version (`unsupportedVersion`), a copy of this device
    ///   (`sameDevice`) or not the one that was expected (`unexpectedDevice`), was silent
    ///   (`timedOut`), or this replica failed (`replicaFailed`). Bytes that are not those that
    ///   were sent give `damaged`; where they say how long a part is, also `refused` or
    ///   `notCaravan`, and in the first 44, which have no check yet, what they happen to say.
    public mutating func receive(
        _ bytes: [UInt8], at now: MonotonicTime = .now
    ) throws(SyncError) -> [UInt8] {
        var toSend = try start(at: now)
        var rest = bytes[...]
        // Where someone is expected, nothing is taken in before it is known who is there: what
        // comes with the greeting, in one piece, has to wait for that.
        while expected != nil, peer == nil, !isClosed, let byte = rest.popFirst() {
            toSend += try take(connection.received([byte], at: now, replica: gate))
        }
        toSend += try take(connection.received(Array(rest), at: now, replica: gate))
        // What it brought about here goes with the answer, such as that all has been seen.
        return try toSend + changed(at: now)
    }

    /// Sends on what the replica has come to hold since.
    ///
    /// - Parameter now: The time.
    /// - Returns: What to send.
    /// - Throws: `SyncError`; the session is closed then.
    public mutating func changed(at now: MonotonicTime = .now) throws(SyncError) -> [UInt8] {
        let vectors = gate.replica.store.durableSummary.vectors
        let output = connection.changed(to: vectors, relayed: false, at: now, replica: gate)
        let toSend = try take(output)
        // What is gathered for a moment so that it travels together travels now. The other
        // deadlines, by which the peer has to have answered, are many seconds away.
        let due = deadline.map { $0 <= now + .seconds(1) ? max(now, $0) : now } ?? now
        return try toSend + proceed(at: due)
    }

    /// Does what is due at ``deadline``; harmless at any other time.
    ///
    /// - Parameter now: The time.
    /// - Returns: What to send.
    /// - Throws: `SyncError` with the code `timedOut` if the peer was silent for too long.
    public mutating func proceed(at now: MonotonicTime = .now) throws(SyncError) -> [UInt8] {
        try take(connection.timeReached(at: now, replica: gate))
    }

    private mutating func take(_ output: Connection.Output) throws(SyncError) -> [UInt8] {
        for progress in output.progress {
            switch progress {
            case .greeted(let device):
                peer = device
                if let expected, device != expected {
                    connection.end()
                    throw SyncError(
                        .unexpectedDevice, "the peer is device \(device), not \(expected)")
                }
            case .applied(_, let cells): cellsReceived += cells
            case .diverged(let step): divergence = step
            case .synchronized:
                isSynchronized = true
                gate.replica.store.hearPeer()
            }
        }
        guard let reason = output.close else { return output.bytes }
        farewell = output.bytes
        throw ConnectionEnd.session(reason).error(at: peer.map { "device \($0)" } ?? "the peer")
    }
}

extension Replica {
    /// An exchange that this side begins, over whatever carries bytes.
    ///
    /// - Parameter device: Who has to be on the other side; nothing if it may be anyone of the
    ///   fleet.
    /// - Returns: The session; see ``ReplicaSession``.
    public func session(with device: DeviceID? = nil) -> ReplicaSession {
        ReplicaSession(self, role: .initiator, expecting: device)
    }

    /// An exchange that the other side begins.
    ///
    /// - Parameter device: Who has to be on the other side; nothing if it may be anyone of the
    ///   fleet.
    /// - Returns: The session; see ``ReplicaSession``.
    public func answeringSession(with device: DeviceID? = nil) -> ReplicaSession {
        ReplicaSession(self, role: .responder, expecting: device)
    }
}
