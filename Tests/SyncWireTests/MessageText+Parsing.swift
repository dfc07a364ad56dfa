import CausalTime
import ReplicaModel
import SyncEngine

/// A vector that says what no message can be.
struct VectorError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension MessageText {
    /// The message that the text describes.
    func parsed() throws -> SyncMessage {
        if let preamble { return .preamble(try preamble.parsed()) }
        if let hello { return .hello(try hello.parsed()) }
        if let chunk { return .chunk(try chunk.parsed()) }
        if let unknownReference {
            return .unknownReference(StateName(rawValue: try digest(unknownReference).value))
        }
        if let heartbeat { return .heartbeat(isAnswer: heartbeat.isAnswer) }
        if let repair { return .repair(try repair.parsed()) }
        if let acknowledgement { return .acknowledgement(applied: acknowledgement.applied) }
        if let refusal {
            guard let code = Refusal.Code(rawValue: refusal.code) else {
                throw VectorError("refusal code \(refusal.code)")
            }
            return .refusal(Refusal(code, refusal.text))
        }
        throw VectorError("an empty message")
    }
}

extension PreambleText {
    func parsed() throws -> Preamble {
        Preamble(
            version: version, capabilities: Capabilities(rawValue: capabilities),
            fleet: try identifier(fleet), device: try identifier(device), allowance: allowance,
            nonce: nonce)
    }
}

extension HelloText {
    func parsed() throws -> Hello {
        var held: [Lane: DotSet] = [:]
        for (lane, texts) in zip(Lane.all, staged ?? []) where !texts.isEmpty {
            held[lane] = try dotSet(texts)
        }
        return Hello(
            vectors: try laneVectors(vectors), frontier: try frontier.map(laneVectors) ?? .init(),
            reference: try reference.parsed(), digest: try digest.map(SyncWireTests.digest),
            applied: applied ?? 0, following: Set((following ?? []).map(Lane.init(rawValue:))),
            lateness: lateness, yielded: Set((yielded ?? []).map(Lane.init(rawValue:))),
            staged: held, isReferenceUnknown: isReferenceUnknown ?? false)
    }
}

extension ReferenceText {
    func parsed() throws -> Hello.Reference {
        if let none { return .none(clock: try hybridTimestamp(none.clock)) }
        if let state { return .state(try state.parsed()) }
        if let frontier {
            return .frontier(
                try laneVectors(frontier.vectors), clock: try hybridTimestamp(frontier.clock))
        }
        guard greeting != nil else { throw VectorError("a hello without a reference") }
        return .greeting
    }
}

extension StateText {
    func parsed() throws -> ReplicaSummary {
        ReplicaSummary(
            vectors: try laneVectors(vectors), frontier: try frontier.map(laneVectors) ?? .init(),
            digest: try SyncWireTests.digest(digest), clock: try hybridTimestamp(clock))
    }
}

extension ChunkText {
    func parsed() throws -> SegmentChunk {
        let lane = Lane(rawValue: lane)
        return SegmentChunk(
            lane: lane,
            head: try head.map {
                SegmentChunk.Head(
                    applied: $0.applied, claim: try vector($0.claim),
                    frontier: try $0.frontier.map(vector),
                    clock: try hybridTimestamp($0.clock),
                    dropped: try $0.dropped.map(dotSet) ?? DotSet())
            },
            cells: try cells.map { try $0.parsed(in: lane) }, isLast: isLast)
    }
}

extension CellText {
    func parsed(in lane: Lane) throws -> Cell {
        let named = MergeKind.known.first { "\($0)" == self.kind }
        let numbered = UInt8(self.kind.dropFirst(4)).flatMap(MergeKind.init(rawValue:))
        guard let kind = named ?? numbered else {
            throw VectorError("kind \(self.kind)")
        }
        let dot = try CausalTime.Dot(text: dot)
        var value = try self.value.map { try bytes($0) } ?? []
        if let amount {
            var writer = ByteWriter()
            writer.varint(amount)
            value = writer.bytes
        }
        return Cell(
            key: CellKey(
                lane: lane, collection: CollectionID(rawValue: collection), row: try bytes(row),
                field: FieldID(rawValue: field), item: try item.map { try bytes($0) } ?? [],
                owner: kind.isOwned ? dot.writer : nil),
            kind: kind, dot: dot, timestamp: try stamp(), causalLength: causalLength ?? 0,
            context: try context.map(vector) ?? VersionVector(), value: value)
    }

    private func stamp() throws -> HybridTimestamp {
        guard let timestamp else { return .zero }
        return try hybridTimestamp(timestamp)
    }
}

extension Dot {
    fileprivate init(text: String) throws {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let sequence = UInt64(parts[1]) else {
            throw VectorError("dot \(text)")
        }
        self.init(writer: try identifier(String(parts[0])), sequence: sequence)
    }
}

private func identifier<Subject>(_ text: String) throws -> Identifier<Subject> {
    guard let identifier = Identifier<Subject>(text) else {
        throw VectorError("identifier \(text)")
    }
    return identifier
}

private func vector(_ texts: [String]) throws -> VersionVector {
    VersionVector(
        try texts.map {
            let dot = try Dot(text: $0)
            return (dot.writer, dot.sequence)
        })
}

private func laneVectors(_ texts: [[String]]) throws -> LaneVectors {
    guard texts.count == Lane.all.count else { throw VectorError("\(texts.count) lanes") }
    var vectors = LaneVectors()
    for (lane, texts) in zip(Lane.all, texts) { vectors[lane] = try vector(texts) }
    return vectors
}

private func dotSet(_ texts: [String]) throws -> DotSet {
    var runs: [(writer: WriterID, runs: [ClosedRange<UInt64>])] = []
    for text in texts {
        let parts = text.split { $0 == ":" || $0 == "-" }.map(String.init)
        guard parts.count == 3, let first = UInt64(parts[1]), let last = UInt64(parts[2]),
            first <= last
        else { throw VectorError("a run of writes \(text)") }
        let writer: WriterID = try identifier(parts[0])
        if runs.last?.writer == writer {
            runs[runs.count - 1].runs.append(first...last)
        } else {
            runs.append((writer, [first...last]))
        }
    }
    var dots = DotSet()
    for entry in runs where !dots.append(entry.runs, of: entry.writer) {
        throw VectorError("runs of writes that are not ascending: \(texts)")
    }
    return dots
}

func digest(_ text: String) throws -> Digest {
    guard let value = UInt64(text, radix: 16) else { throw VectorError("digest \(text)") }
    return Digest(value: value)
}

private func hybridTimestamp(_ text: String) throws -> HybridTimestamp {
    let parts = text.split { $0 == "+" || $0 == "@" }
    guard parts.count == 3, let milliseconds = UInt64(parts[0]), let logical = UInt64(parts[1]),
        let epoch = UInt32(parts[2])
    else { throw VectorError("timestamp \(text)") }
    return HybridTimestamp(epoch: epoch, ticks: milliseconds << 16 | logical)
}

/// The bytes of hexadecimal digits, between which spaces may stand.
func bytes(_ hex: String) throws -> [UInt8] {
    let digits = hex.filter { $0 != " " }.compactMap(\.hexDigitValue)
    guard digits.count.isMultiple(of: 2), digits.count == hex.count(where: { $0 != " " }) else {
        throw VectorError("hexadecimal digits \(hex)")
    }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

extension Sequence<UInt8> {
    /// Two lowercase digits for each byte.
    var hex: String {
        map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}
