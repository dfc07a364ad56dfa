import Foundation
import ReplicaModel
import SyncEngine
import SyncWire
import Testing

/// Whole sessions as versions that were released spoke them.
///
/// They are never recorded again: what such peers say has to be understood for as long as their
/// major version is spoken.
@Suite("Sessions of released versions")
struct RecordedSessionTests {
    private static let folder = VectorFiles.specification.appending(path: "recorded")

    /// A session of every kind, as this version speaks it.
    private static var sessions: [(name: String, about: String, exchange: RecordedExchange)] {
        [
            (
                "small", "A snapshot, a few writes of both sides, four pushes.",
                ExchangedWrites.small()
            ),
            ("chunks", "Segments of many chunks.", ExchangedWrites.large(seed: 1)),
            ("snapshot", "The same with a snapshot.", ExchangedWrites.large(seed: 2)),
            ("compressed", "Segments that are compressed.", ExchangedWrites.large(seed: 5)),
        ]
    }

    @Test("are read as the messages that they were")
    func areUnderstood() throws {
        var count = 0
        for version in try FileManager.default.contentsOfDirectory(
            at: Self.folder, includingPropertiesForKeys: nil)
        {
            for session in try VectorFiles.load(Vector.self, from: version) {
                var wiretap = Wiretap()
                for (index, frame) in session.frames.enumerated() {
                    let messages = try wiretap.read(try bytes(frame.hex), from: frame.from)
                    #expect(
                        messages.map(MessageText.init) == frame.read,
                        "\(version.lastPathComponent), \(session.name), frame \(index)")
                    count += 1
                }
            }
        }
        #expect(count > 50)
    }

    @Test("of this version are recorded once")
    func areRecorded() throws {
        let folder = Self.folder.appending(path: "\(Preamble.currentVersion)")
        let names = Set(try VectorFiles.load(Vector.self, from: folder).map(\.name))
        for (name, about, exchange) in Self.sessions where !names.contains(name) {
            guard ProcessInfo.processInfo.environment["CARAVAN_RECORD"] == "1" else {
                Issue.record("\(name) is not recorded; CARAVAN_RECORD=1 does so")
                continue
            }
            var wiretap = Wiretap()
            let frames = try exchange.frames.map { from, bytes in
                let messages = try wiretap.read(bytes, from: from)
                return Vector.Frame(
                    from: from, hex: bytes.hex,
                    message: messages.first.map(MessageText.init) ?? MessageText())
            }
            try VectorFiles.save(
                Vector(
                    name: name, description: about, origin: .generated, replay: .decoding,
                    frames: frames), in: folder)
        }
    }
}

/// Reads both directions of a session without taking part in it.
struct Wiretap {
    private var decoders: [Vector.Side: Decoder] = [
        .initiator: WireEnd(.responder).decoder, .responder: WireEnd(.initiator).decoder,
    ]
    private var shared = BothDirections()
    /// The state of each direction's check after its latest hello.
    private var greetings: [Vector.Side: UInt64] = [:]

    /// The messages of a frame.
    mutating func read(_ frame: [UInt8], from side: Vector.Side) throws -> [SyncMessage] {
        guard var decoder = decoders[side] else { return [] }
        shared.sentGreeting = greetings[side == .initiator ? .responder : .initiator] ?? 0
        shared.readGreeting = greetings[side] ?? 0
        decoder.feed(frame)
        var messages: [SyncMessage] = []
        while let message = try decoder.next(shared: &shared) { messages.append(message) }
        decoders[side] = decoder
        greetings[side] = shared.readGreeting
        return messages
    }
}
