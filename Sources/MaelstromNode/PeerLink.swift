import Caravan
import Foundation

/// What connects a node with another one: a session of their replicas, over messages that may be
/// lost, repeated, delayed and reordered.
///
/// It does no input or output and reads no clock. Of two nodes one begins sessions, and begins
/// another one whenever one ends; nothing that a replica had is lost by that.
struct PeerLink {
    /// Times, all on the clock of the caller.
    enum Limits {
        /// After how long without an acknowledgement parts are sent again; doubles up to the most.
        static let resendAfter: Duration = .milliseconds(400)
        static let resendAfterMax: Duration = .milliseconds(1600)
        /// How long without any progress until a session is given up.
        static let progress: Duration = .seconds(6)
        /// How long after a session another one is begun.
        static let pause: Duration = .milliseconds(200)
        /// After how long a silence any session of the other side counts as a new one: its clock,
        /// which numbers them, may have been set back.
        static let silence: Duration = .seconds(10)
        /// How often a node that begins sessions says that it is there: the other one may have
        /// started anew and cannot begin.
        static let sign: Duration = .seconds(1)
        /// The most parts under way.
        static let partsMax = 32
        /// The most parts kept that came before their turn.
        static let aheadMax = 256
    }

    private struct Part {
        let number: Int
        var bytes: [UInt8]
        var isSent = false
    }

    let isInitiator: Bool
    private let replica: Replica
    private var session: ReplicaSession?
    private var number: Int
    private var parts: [Part] = []
    private var partsMade = 0
    private var received = 0
    private var ahead: [Int: [UInt8]] = [:]
    private var isHeard = false
    private var owesAnswer = false
    private var goneToSay: Int?
    private var resendAfter = Limits.resendAfter
    private var sentAt: MonotonicTime
    /// When the oldest part under way was sent, or came to be the oldest.
    private var headSentAt: MonotonicTime
    private var progressAt: MonotonicTime
    private var heardAt: MonotonicTime
    private var beginAt: MonotonicTime

    /// - Parameters:
    ///   - replica: The replica of this node.
    ///   - isInitiator: Whether this side begins sessions.
    ///   - number: Greater than that of any session of an earlier process.
    ///   - now: The time.
    init(_ replica: Replica, isInitiator: Bool, number: Int, at now: MonotonicTime) {
        self.replica = replica
        self.isInitiator = isInitiator
        self.number = isInitiator ? number : 0
        sentAt = now
        headSentAt = now
        progressAt = now
        heardAt = now
        beginAt = now
    }

    /// When ``proceed(at:)`` is due.
    var deadline: MonotonicTime? {
        guard let session else { return isInitiator ? beginAt : nil }
        var times = [session.deadline].compactMap { $0 }
        if parts.contains(where: \.isSent) {
            times.append(headSentAt + resendAfter)
            if isHeard { times.append(progressAt + Limits.progress) }
        }
        if isInitiator, isHeard { times.append(sentAt + Limits.sign) }
        return times.min()
    }

    // MARK: Events

    /// Takes in a message of the other node.
    mutating func receive(_ carried: CarriedBytes, at now: MonotonicTime) {
        guard accept(carried, at: now) else { return }
        if carried.isGone == true { return drop(at: now) }
        heardAt = now
        isHeard = true
        let before = parts.count
        parts.removeAll { $0.number < carried.acknowledged }
        if parts.count < before {
            progressAt = now
            headSentAt = now
            resendAfter = Limits.resendAfter
        }
        guard let part = carried.part, let text = carried.bytes,
            let bytes = Data(base64Encoded: text)
        else { return }
        owesAnswer = true
        guard part >= received, part < received + Limits.aheadMax else { return }
        ahead[part] = Array(bytes)
        while let next = ahead.removeValue(forKey: received) {
            received += 1
            step(at: now) { try $0.receive(next, at: now) }
        }
    }

    /// The replica has come to hold something new.
    mutating func changed(at now: MonotonicTime) {
        step(at: now) { try $0.changed(at: now) }
    }

    /// Does what is due.
    mutating func proceed(at now: MonotonicTime) {
        if session == nil, isInitiator, beginAt <= now { begin(replica.session(), at: now) }
        if let due = session?.deadline, due <= now { step(at: now) { try $0.proceed(at: now) } }
        if isHeard, parts.contains(where: \.isSent), progressAt + Limits.progress <= now {
            drop(at: now)
        }
    }

    /// What is to be sent now.
    mutating func outgoing(at now: MonotonicTime) -> [CarriedBytes] {
        var carried: [CarriedBytes] = []
        if let gone = goneToSay {
            goneToSay = nil
            carried.append(CarriedBytes(session: gone, acknowledged: 0, isGone: true))
        }
        guard session != nil else { return carried }
        return carried + partsToSend(at: now)
    }

    /// New parts, those that are overdue, or at least an acknowledgement.
    private mutating func partsToSend(at now: MonotonicTime) -> [CarriedBytes] {
        // Until the other side has answered, the greeting is all that is under way: whoever then
        // gets a later part of a session that it does not know can tell that it has lost it.
        let window = isHeard ? Limits.partsMax : 1
        var wanted: [Int] = []
        let isLate = headSentAt + resendAfter <= now
        for (place, part) in parts.enumerated().prefix(window) {
            if !part.isSent || isLate && place < 4 { wanted.append(place) }
        }
        if isLate, wanted.contains(where: { parts[$0].isSent }) {
            resendAfter = min(resendAfter * 2, Limits.resendAfterMax)
        }
        let isQuiet = isInitiator && sentAt + Limits.sign <= now && isHeard
        guard !wanted.isEmpty || owesAnswer || isQuiet else { return [] }
        if !parts.contains(where: \.isSent) { progressAt = now }
        if wanted.first == 0 { headSentAt = now }
        owesAnswer = false
        sentAt = now
        guard !wanted.isEmpty else {
            return [CarriedBytes(session: number, acknowledged: received)]
        }
        return wanted.map { place in
            parts[place].isSent = true
            return CarriedBytes(
                session: number, part: parts[place].number, acknowledged: received,
                bytes: Data(parts[place].bytes).base64EncodedString())
        }
    }

    // MARK: Sessions

    /// Whether a message belongs to the session; a new one may begin with it.
    private mutating func accept(_ carried: CarriedBytes, at now: MonotonicTime) -> Bool {
        if carried.session == number, session != nil { return true }
        guard carried.isGone != true else { return false }
        let isLater =
            carried.session > number
            || (session == nil && heardAt + Limits.silence <= now && carried.session != number)
        guard !isInitiator, isLater, carried.part == 0 else {
            // An earlier session than the present one has ended on both sides.
            if carried.session > number || session == nil { goneToSay = carried.session }
            return false
        }
        number = carried.session
        begin(replica.answeringSession(), at: now)
        return session != nil
    }

    private mutating func begin(_ session: ReplicaSession, at now: MonotonicTime) {
        if isInitiator { number += 1 }
        self.session = session
        parts = []
        partsMade = 0
        received = 0
        ahead = [:]
        isHeard = false
        owesAnswer = false
        resendAfter = Limits.resendAfter
        sentAt = now
        progressAt = now
        step(at: now) { try $0.start(at: now) }
    }

    private mutating func drop(at now: MonotonicTime) {
        session = nil
        parts = []
        ahead = [:]
        owesAnswer = false
        beginAt = now + Limits.pause
    }

    private mutating func step(
        at now: MonotonicTime, _ body: (inout ReplicaSession) throws -> [UInt8]
    ) {
        guard var active = session else { return }
        session = nil
        do {
            let bytes = try body(&active)
            session = active
            enqueue(bytes)
        } catch {
            // The session has ended; another one sends what is missing.
            drop(at: now)
        }
    }

    private mutating func enqueue(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        if let last = parts.indices.last, !parts[last].isSent {
            parts[last].bytes += bytes
        } else {
            parts.append(Part(number: partsMade, bytes: bytes))
            partsMade += 1
        }
    }
}
