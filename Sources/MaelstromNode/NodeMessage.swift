import Foundation

/// A message of Maelstrom's protocol: one line of JSON.
struct NodeMessage: Codable, Sendable {
    /// What is said; each kind of message has some of these.
    struct Body: Codable, Sendable {
        var type: String
        var messageID: Int?
        var inReplyTo: Int?
        var nodeID: String?
        var nodeIDs: [String]?
        var element: JSONValue?
        var delta: Int64?
        var value: Int64?
        var code: Int?
        var text: String?
        /// Of messages between nodes.
        var carried: CarriedBytes?

        enum CodingKeys: String, CodingKey {
            case type, element, delta, value, code, text, carried
            case messageID = "msg_id"
            case inReplyTo = "in_reply_to"
            case nodeID = "node_id"
            case nodeIDs = "node_ids"
        }

        init(_ type: String, inReplyTo: Int? = nil) {
            self.type = type
            self.inReplyTo = inReplyTo
        }
    }

    var src: String
    var dest: String
    var body: Body

    /// Reads a line.
    static func read(_ line: String) throws -> NodeMessage {
        try JSONDecoder().decode(NodeMessage.self, from: Data(line.utf8))
    }

    /// The message as a line, without its end.
    var line: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

/// A part of the bytes of a session between two nodes.
///
/// Maelstrom's network loses, repeats, delays and reorders messages; a session needs its bytes in
/// order. So parts are numbered, acknowledged, and sent again.
struct CarriedBytes: Codable, Hashable, Sendable {
    /// Which session: a later one has a greater number.
    var session: Int
    /// Which part, counted from 0 in each direction; nothing if there are no bytes.
    var part: Int?
    /// How many parts of the other direction have arrived without a gap.
    var acknowledged: Int
    /// In base64.
    var bytes: String?
    /// That the sender does not know the session.
    var isGone: Bool?
}

/// Why a node does not do what it was asked for; the codes are those of Maelstrom.
struct NodeRefusal: Error {
    let code: Int
    let text: String

    /// What Maelstrom calls `not-supported`: it is certainly not done.
    static func notSupported(_ text: String) -> NodeRefusal { NodeRefusal(code: 10, text: text) }
    /// What Maelstrom calls `temporarily-unavailable`: it is certainly not done.
    static func notNow(_ text: String) -> NodeRefusal { NodeRefusal(code: 11, text: text) }
    /// What Maelstrom calls `malformed-request`: it is certainly not done.
    static func malformed(_ text: String) -> NodeRefusal { NodeRefusal(code: 12, text: text) }
    /// What Maelstrom calls `crash`: it may have been done or not.
    static func crash(_ text: String) -> NodeRefusal { NodeRefusal(code: 13, text: text) }
}
