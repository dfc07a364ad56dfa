package import Caravan
import Foundation

/// What a node stores.
package enum NodeWorkload: String, CaseIterable, Sendable {
    case growOnlySet = "g-set"
    case growOnlyCounter = "g-counter"
    case signedCounter = "pn-counter"
}

/// A node of Maelstrom's protocol that keeps its state in a replica and exchanges it with the other
/// nodes through the sessions of the library.
///
/// It takes lines and returns lines, and does no input or output besides that of its replica. A
/// line that acknowledges an operation is returned once the operation is durable.
package final class MaelstromNode {
    /// How long changes are gathered before the other nodes are told.
    private static let gathering: Duration = .milliseconds(60)
    /// How old the elements of a set may be that are read, apart from those added here.
    private static let readAge: Duration = .milliseconds(150)
    private static let answeredMax = 8192

    let folder: String?
    /// What is stored, once that is known.
    private(set) var workload: NodeWorkload?
    private let firstSession: Int
    private var name = ""
    private var replica: Replica?
    private var links: [String: PeerLink] = [:]
    private var pushAt: MonotonicTime?
    private var vectors = LaneVectors()
    private var output: [String] = []
    /// Operations that wait to be written together.
    private var waiting: [NodeMessage] = []
    /// Additions that were acknowledged: a request may arrive twice.
    private var answered: Set<Request> = []
    private var answeredInOrder: [Request] = []
    private var elements: Set<String> = []
    private var elementsReadAt: MonotonicTime?
    private var areElementsOld = true

    private struct Request: Hashable {
        let client: String
        let number: Int
    }

    /// Makes a node.
    ///
    /// - Parameters:
    ///   - workload: What it stores; without one, what the first operation is about.
    ///   - folder: Where replicas are kept, each below the name of its node; in memory without one,
    ///     so that a process that ends takes along what it alone knew.
    ///   - firstSession: A number that grows from process to process of a node.
    package init(workload: NodeWorkload?, folder: String?, firstSession: Int) {
        self.workload = workload
        self.folder = folder
        self.firstSession = firstSession
    }

    /// When ``proceed(at:)`` is due.
    package var deadline: MonotonicTime? {
        (links.values.map(\.deadline) + [pushAt]).compactMap { $0 }.min()
    }

    /// Takes in lines that arrived together.
    ///
    /// - Returns: The lines to write.
    package func take(_ lines: [String], at now: MonotonicTime) async -> [String] {
        for line in lines where !line.isEmpty {
            do {
                await take(try NodeMessage.read(line), at: now)
            } catch {
                // Nobody can be answered.
                continue
            }
        }
        await writeWaiting()
        return await proceed(at: now)
    }

    /// Does what is due.
    ///
    /// - Returns: The lines to write.
    package func proceed(at now: MonotonicTime) async -> [String] {
        await noteChanges(at: now)
        let isPush = pushAt.map { $0 <= now } ?? false
        if isPush { pushAt = nil }
        for peer in links.keys.sorted() {
            guard var link = links[peer] else { continue }
            if isPush { link.changed(at: now) }
            link.proceed(at: now)
            for carried in link.outgoing(at: now) {
                var body = NodeMessage.Body("caravan")
                body.carried = carried
                send(body, to: peer)
            }
            links[peer] = link
        }
        defer { output = [] }
        return output
    }

    /// Closes the replica.
    package func close() async throws { try await replica?.close() }

    // MARK: Messages

    private func take(_ message: NodeMessage, at now: MonotonicTime) async {
        if message.body.type == "add" { return waiting.append(message) }
        await writeWaiting()
        do {
            switch message.body.type {
            case "init": try await begin(message, at: now)
            case "topology": reply("topology_ok", to: message)
            case "read": try await read(message, at: now)
            case "caravan":
                if let carried = message.body.carried {
                    links[message.src]?.receive(carried, at: now)
                }
            default: throw NodeRefusal.notSupported("there is no '\(message.body.type)' here")
            }
        } catch {
            refuse(message, error)
        }
    }

    private func begin(_ message: NodeMessage, at now: MonotonicTime) async throws {
        guard let name = message.body.nodeID, let names = message.body.nodeIDs else {
            throw NodeRefusal.malformed("init names the node and all nodes")
        }
        if replica == nil {
            self.name = name
            let replica = try await NodeReplica.open(name, in: folder)
            self.replica = replica
            for peer in names where peer != name {
                links[peer] = PeerLink(
                    replica, isInitiator: name < peer, number: firstSession, at: now)
            }
            if workload == nil { workload = try await NodeReplica.workload(of: replica) }
        }
        reply("init_ok", to: message)
    }

    // MARK: Operations

    /// Writes what waits, in one transaction, and answers.
    private func writeWaiting() async {
        let messages = waiting
        waiting = []
        var additions: [NodeReplica.Addition] = []
        var accepted: [NodeMessage] = []
        for message in messages {
            do {
                if let request = request(of: message), answered.contains(request) {
                    reply("add_ok", to: message)
                    continue
                }
                let addition = try addition(of: message)
                // The same request twice among those that arrived together.
                if let request = request(of: message) { note(request) }
                additions.append(addition)
                accepted.append(message)
            } catch {
                refuse(message, error)
            }
        }
        guard !accepted.isEmpty, let replica else { return }
        do {
            try await NodeReplica.write(additions, to: replica)
            for addition in additions {
                if case .element(let text) = addition { elements.insert(text) }
            }
            for message in accepted { reply("add_ok", to: message) }
        } catch {
            for message in accepted {
                if let request = request(of: message) { answered.remove(request) }
                refuse(message, NodeRefusal.crash("\(error)"))
            }
        }
    }

    private func addition(of message: NodeMessage) throws -> NodeReplica.Addition {
        guard replica != nil else { throw NodeRefusal.notNow("init comes first") }
        let body = message.body
        if let delta = body.delta {
            let workload = workload ?? .signedCounter
            guard workload != .growOnlySet else {
                throw NodeRefusal.malformed("a set takes an element, not a delta")
            }
            guard delta >= 0 || workload == .signedCounter else {
                throw NodeRefusal.malformed("this counter only grows")
            }
            self.workload = workload
            return .delta(delta)
        }
        guard let element = body.element else {
            throw NodeRefusal.malformed("add needs an element or a delta")
        }
        guard workload ?? .growOnlySet == .growOnlySet else {
            throw NodeRefusal.malformed("a counter takes a delta, not an element")
        }
        let text = try element.canonicalText
        guard text.utf8.count <= 480 else {
            throw NodeRefusal.malformed("an element has at most 480 bytes")
        }
        workload = .growOnlySet
        return .element(text)
    }

    private func read(_ message: NodeMessage, at now: MonotonicTime) async throws {
        guard let replica else { throw NodeRefusal.notNow("init comes first") }
        if workload == nil { workload = try await NodeReplica.workload(of: replica) }
        switch workload {
        case nil: throw NodeRefusal.notNow("nothing has said yet what is stored here")
        case .growOnlySet:
            try await refreshElements(of: replica, at: now)
            replySet(to: message)
        case .growOnlyCounter, .signedCounter:
            var body = NodeMessage.Body("read_ok", inReplyTo: message.body.messageID)
            body.value = try await NodeReplica.balance(of: replica)
            send(body, to: message.src)
        }
    }

    /// Reads the elements anew if others may have come, but not with every single read.
    private func refreshElements(of replica: Replica, at now: MonotonicTime) async throws {
        await noteChanges(at: now)
        if let last = elementsReadAt, !areElementsOld || now < last + Self.readAge { return }
        elements = try await NodeReplica.elements(of: replica)
        elementsReadAt = now
        areElementsOld = false
    }

    /// Sees whether the replica holds something new, which the other nodes have to be told.
    private func noteChanges(at now: MonotonicTime) async {
        guard let replica else { return }
        do {
            let seen = try await replica.summary().vectors
            guard seen != vectors else { return }
            vectors = seen
            areElementsOld = true
            if pushAt == nil { pushAt = now + Self.gathering }
        } catch {
            // Whoever asks for something is told.
            return
        }
    }

    // MARK: Answers

    private func request(of message: NodeMessage) -> Request? {
        message.body.messageID.map { Request(client: message.src, number: $0) }
    }

    private func note(_ request: Request) {
        guard answered.insert(request).inserted else { return }
        answeredInOrder.append(request)
        guard answeredInOrder.count > 2 * Self.answeredMax else { return }
        answered.subtract(answeredInOrder.prefix(Self.answeredMax))
        answeredInOrder.removeFirst(Self.answeredMax)
    }

    private func reply(_ type: String, to message: NodeMessage) {
        send(NodeMessage.Body(type, inReplyTo: message.body.messageID), to: message.src)
    }

    /// The elements stand in the line as they were given.
    private func replySet(to message: NodeMessage) {
        let answer = message.body.messageID.map { ",\"in_reply_to\":\($0)" } ?? ""
        let names = [name, message.src].map(Self.quoted)
        output.append(
            "{\"src\":\(names[0]),\"dest\":\(names[1]),\"body\":{\"type\":\"read_ok\"\(answer),"
                + "\"value\":[\(elements.joined(separator: ","))]}}")
    }

    private static func quoted(_ text: String) -> String {
        do { return try JSONValue.text(text).canonicalText } catch { return "\"\"" }
    }

    private func refuse(_ message: NodeMessage, _ error: any Error) {
        let refusal = error as? NodeRefusal ?? .crash("\(error)")
        var body = NodeMessage.Body("error", inReplyTo: message.body.messageID)
        body.code = refusal.code
        body.text = refusal.text
        send(body, to: message.src)
    }

    private func send(_ body: NodeMessage.Body, to other: String) {
        do {
            output.append(try NodeMessage(src: name, dest: other, body: body).line)
        } catch {
            // It holds numbers and texts only.
            return
        }
    }
}
