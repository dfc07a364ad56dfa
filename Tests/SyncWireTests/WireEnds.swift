import ReplicaModel
import SyncEngine
import SyncWire
import ZstdStream

typealias Encoder = WireEncoder<ZstdCompressor>
typealias Decoder = WireDecoder<ZstdDecompressor>

/// One side of a connection: what it sends and what it reads share a table of writers.
struct WireEnd {
    var encoder: Encoder
    var decoder: Decoder

    /// An end that remembers some states, and takes some vectors for seen by every member.
    init(
        _ role: SyncSession.Role, limits: SessionLimits = SessionLimits(),
        remembering states: [ReplicaSummary] = [], frontier: LaneVectors = LaneVectors()
    ) {
        encoder = Encoder(role: role, limits: limits, compressor: ZstdCompressor())
        encoder.shared.candidates = states
        encoder.shared.ownFrontier = frontier
        decoder = Decoder(role: role, limits: limits, decompressor: ZstdDecompressor())
    }

    /// Learns of something that a greeting can be described against.
    mutating func recall(_ reference: Hello.Reference) {
        switch reference {
        case .state(let summary): encoder.shared.candidates.append(summary)
        case .frontier(let frontier, _): encoder.shared.ownFrontier = frontier
        case .none, .greeting: break
        }
    }

    /// All messages that are whole once these bytes have arrived.
    mutating func read(_ bytes: [UInt8]) throws(WireError) -> [SyncMessage] {
        decoder.feed(bytes)
        var messages: [SyncMessage] = []
        while let message = try decoder.next(shared: &encoder.shared) { messages.append(message) }
        return messages
    }

    /// The messages before the first error, if there is one.
    mutating func messages(of bytes: [UInt8]) -> [SyncMessage] {
        decoder.feed(bytes)
        var messages: [SyncMessage] = []
        do {
            while let message = try decoder.next(shared: &encoder.shared) {
                messages.append(message)
            }
        } catch {
            // An error is an end like any other here.
        }
        return messages
    }
}

/// Both sides of a connection.
struct WirePair {
    var initiator = WireEnd(.initiator)
    var responder = WireEnd(.responder)

    /// Lets the side that is greeted know what the greeting is described against.
    mutating func recall(_ reference: Hello.Reference, greetedBy side: SyncSession.Role) {
        switch side {
        case .initiator: responder.recall(reference)
        case .responder: initiator.recall(reference)
        }
    }

    /// Sends a message from one side to the other.
    ///
    /// - Returns: Its frame, and what the other side made of it.
    mutating func pass(
        _ message: SyncMessage, from side: SyncSession.Role
    ) throws -> (frame: [UInt8], messages: [SyncMessage]) {
        let frame = try encode(message, as: side)
        switch side {
        case .initiator: return (frame, try responder.read(frame))
        case .responder: return (frame, try initiator.read(frame))
        }
    }

    /// The frame that one side would send.
    mutating func encode(
        _ message: SyncMessage, as side: SyncSession.Role
    ) throws(WireError) -> [UInt8] {
        switch side {
        case .initiator: try initiator.encoder.frame(for: message)
        case .responder: try responder.encoder.frame(for: message)
        }
    }
}
