import SyncEngine
import SyncWire
import ZstdStream

/// A link between two devices, and the connection over it, if there is one.
final class SimulatedLink {
    let index: Int
    let a: Int
    let b: Int
    let quality: Scenario.LinkQuality
    var random: SeededRandom
    var backoff = DialBackoff()
    var isUp = false
    /// Whether a call is on its way.
    var isDialing = false
    var session: SimulatedSession?
    /// What the traces of the two directions still offer, from either side.
    var cursors: [LinkTraceCursor?]

    init(index: Int, _ link: Scenario.Link, random: SeededRandom) {
        self.index = index
        a = link.a
        b = link.b
        quality = link.quality
        self.random = random
        cursors = [link.quality.traces?.forth, link.quality.traces?.back].map {
            $0.map { LinkTraceCursor($0) }
        }
    }

    func device(of side: Int) -> Int { side == 0 ? a : b }
}

/// One connection: the production session, codec and compression at either end, and the bytes in
/// between.
///
/// Side 0 is the link's first device, which dialed.
final class SimulatedSession {
    typealias Connection = SyncConnection<ZstdCompressor, ZstdDecompressor>

    let link: SimulatedLink
    /// Its number among all of the run.
    let number: UInt64
    /// The processes that it is between.
    let lives: [Int]
    var ends: [Connection]
    /// When the last bytes under way to a side arrive: later ones cannot overtake them.
    var arrival: [Duration]
    /// The earliest deadline that has been scheduled for a side.
    var scheduled: [Duration?] = [nil, nil]
    var isOpen = true
    /// Whether a side knows that it is connected.
    var isConnected = [false, false]
    /// Whether a side may greet, or has greeted.
    var hasTurn = [false, false]
    /// What has come to a side that waits for its turn.
    var early: [[UInt8]] = [[], []]
    /// Whether anything has been said on it.
    var isCounted = false

    init(
        link: SimulatedLink, number: UInt64, between devices: [SimulatedDevice], at now: Duration
    ) {
        self.link = link
        self.number = number
        lives = devices.map(\.life)
        arrival = [now, now]
        ends = [SyncSession.Role.initiator, .responder].enumerated().map { side, role in
            Connection(
                role: role, identity: devices[side].identity,
                nonce: devices[side].nonces.connection(),
                expecting: role == .initiator ? devices[1].id : nil,
                compressor: ZstdCompressor(), decompressor: ZstdDecompressor())
        }
    }
}
