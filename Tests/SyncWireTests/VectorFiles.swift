import Foundation
import SyncEngine

/// Frames, and the messages that they are.
struct Vector: Codable, Sendable {
    enum Origin: String, Codable {
        /// Written from the specification, not by the encoder.
        case handmade
        /// Written by the encoder once; `CARAVAN_RECORD=1` writes it anew.
        case generated
    }

    /// Which directions have to agree.
    enum Replay: String, Codable {
        case both
        /// Compressed bytes depend on the version of libzstd: they are only read.
        case decoding
    }

    struct Frame: Codable {
        /// Who sends it.
        var from: Side
        var hex: String
        /// What the receiver reads; without members if it passes over the frame.
        var message: MessageText
        /// What was sent, where that is something else: what the receiver cannot understand.
        var sent: MessageText?

        /// What the receiver reads.
        var read: [MessageText] { message == MessageText() ? [] : [message] }
    }

    enum Side: String, Codable {
        case initiator
        case responder

        var role: SyncSession.Role { self == .initiator ? .initiator : .responder }
    }

    var name: String
    var description: String
    var origin: Origin
    var replay: Replay
    var frames: [Frame]
}

/// A stream whose last frame has to be refused.
struct RejectedVector: Codable, Hashable, Sendable {
    var name: String
    var description: String
    var origin: Vector.Origin
    /// The number of what it breaks in the specification, as in `R9`.
    var requirement: String
    /// Who sends it.
    var from: Vector.Side
    /// What comes first and is fine.
    var before: [String]
    /// What the receiver has said then, where that matters.
    var sent: [MessageText]?
    /// What the receiver knows: greetings can be described against it.
    var known: [ReferenceText]?
    var hex: String
    /// The name of the refusal's code.
    var code: String
    /// What stands somewhere in its text.
    var contains: String
}

/// The files of `Protocol/vectors`.
enum VectorFiles {
    /// The folder that the specification stands in.
    static let specification = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Protocol")
    static let folder = specification.appending(path: "vectors")
    static let rejectedFolder = folder.appending(path: "rejected")

    static func load<Contents: Decodable>(
        _ type: Contents.Type, from folder: URL
    ) throws -> [Contents] {
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.map {
            try JSONDecoder().decode(type, from: try Data(contentsOf: $0))
        }
    }

    static func save(_ vector: Vector) throws { try save(vector, vector.name, in: folder) }

    static func save(_ vector: RejectedVector) throws {
        try save(vector, vector.name, in: rejectedFolder)
    }

    static func save(_ vector: Vector, in folder: URL) throws {
        try save(vector, vector.name, in: folder)
    }

    private static func save(_ vector: some Encodable, _ name: String, in folder: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var data = try encoder.encode(vector)
        data.append(0x0a)
        try data.write(to: folder.appending(path: "\(name).json"))
    }
}
