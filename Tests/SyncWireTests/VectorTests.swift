import SyncEngine
import SyncWire
import Testing

@Suite("Vectors of the specification")
struct VectorTests {
    @Test("The frames of every vector are its messages")
    func framesDecode() throws {
        let vectors = try VectorFiles.load(Vector.self, from: VectorFiles.folder)
        #expect(vectors.count >= 12)
        for vector in vectors {
            var ends = WirePair()
            for frame in vector.frames {
                let bytes = try bytes(frame.hex)
                try ends.prepare(for: frame)
                // The sender has to know the writers that it introduced.
                _ = try ends.encode(
                    try (frame.sent ?? frame.message).parsed(), as: frame.from.role)
                let messages: [SyncMessage]
                switch frame.from {
                case .initiator: messages = try ends.responder.read(bytes)
                case .responder: messages = try ends.initiator.read(bytes)
                }
                #expect(messages.map(MessageText.init) == frame.read, "\(vector.name)")
                #expect(messages == (try frame.read.map { try $0.parsed() }), "\(vector.name)")
            }
        }
    }

    @Test("The messages of every vector are its frames, unless a library decides the bytes")
    func messagesEncode() throws {
        let vectors = try VectorFiles.load(Vector.self, from: VectorFiles.folder)
        for vector in vectors where vector.replay == .both {
            var ends = WirePair()
            for frame in vector.frames {
                try ends.prepare(for: frame)
                let sent = try ends.pass(
                    try (frame.sent ?? frame.message).parsed(), from: frame.from.role)
                #expect(sent.frame.hex == (try bytes(frame.hex)).hex, "\(vector.name)")
            }
        }
    }

    @Test("Every rejected stream is refused at its last frame, for the reason it names")
    func rejectedStreams() throws {
        let vectors = try VectorFiles.load(RejectedVector.self, from: VectorFiles.rejectedFolder)
        #expect(vectors.count >= 30)
        for vector in vectors {
            var end = WireEnd(vector.from == .initiator ? .responder : .initiator)
            for reference in vector.known ?? [] { end.recall(try reference.parsed()) }
            for frame in vector.before {
                #expect(try end.read(try bytes(frame)).count == 1, "\(vector.name)")
            }
            for message in vector.sent ?? [] {
                _ = try end.encoder.frame(for: try message.parsed())
            }
            do {
                let messages = try end.read(try bytes(vector.hex))
                Issue.record("\(vector.name) was read as \(messages)")
            } catch let error as WireError {
                #expect("\(error.refusal.code)" == vector.code, "\(vector.name): \(error)")
                #expect(error.refusal.text.contains(vector.contains), "\(vector.name): \(error)")
                guard error.refusal.code == .damaged, vector.code != "damaged" else { continue }
                var sealer = ExchangeSealer()
                try sealer.pass(vector)
                let sealed = try sealer.frame(bytes(vector.hex), from: vector.from).hex
                Issue.record("\(vector.name): with the check that it has to have it is \(sealed)")
            }
        }
    }

    @Test("A decoder that has refused something refuses everything after it")
    func refusalIsFinal() throws {
        var end = WireEnd(.responder)
        var other = WireEnd(.initiator)
        let preamble = try other.encoder.frame(
            for: .preamble(Preamble(fleet: WorkedExchange.fleet, device: WorkedExchange.phone)))
        let fine = try other.encoder.frame(for: .acknowledgement(applied: 1))
        var sealer = FrameSealer()
        _ = sealer.frame(Array(preamble.dropFirst()))
        let trailing = sealer.frame([4, 1, 0])
        for rest in [fine, [], fine] {
            #expect(throws: WireError(.malformed, "")) {
                try end.read(preamble + trailing + rest)
            }
        }
        do {
            _ = try end.read([])
            Issue.record("it went on")
        } catch {
            #expect(error.offset == preamble.count)
        }
    }
}

extension WirePair {
    /// Lets the receiver of a greeting know what it is described against, unless it shows that the
    /// receiver does not.
    mutating func prepare(for frame: Vector.Frame) throws {
        guard let hello = frame.message.hello else { return }
        recall(try hello.reference.parsed(), greetedBy: frame.from.role)
    }
}
