import CausalTime

/// Whose turn it is to greet, so that one peer at a time brings a replica what it lacks.
///
/// A greeting says what is lacking, and whoever reads it sends that. A device that comes back to
/// three peers and greets them all at once is sent everything three times. So sessions of a replica
/// greet one after the other: the next when the one before has brought what its peer had, which
/// between two that are level takes a round trip.
///
/// Who waits is never stuck: a session that has not been heard of for ``patience`` counts no more,
/// and nobody waits for longer than ``waitMax``, of which the peer's patience for a greeting is a
/// multiple. Who answers a call waits only for a session that is known to bring something, so that
/// two devices that call each other do not both wait.
///
/// One value for all sessions of a replica; time comes in as an argument.
public struct CatchUpTurns: Sendable {
    /// How long the others wait for a session that nothing is heard of.
    public static let patience: Duration = .seconds(1)
    /// How long a session waits at most.
    public static let waitMax: Duration = .seconds(5)

    /// A session that has greeted, or has been greeted, and may be bringing something.
    private struct Turn {
        let role: SyncSession.Role
        var heardAt: MonotonicTime
        /// Whether the peer is known to have what is lacking here.
        var isBringing = false

        /// Whether a session of a role has to wait for this one.
        ///
        /// A stranger that calls keeps nobody waiting by saying little.
        func comesBefore(_ other: SyncSession.Role, at now: MonotonicTime) -> Bool {
            (isBringing || role == .initiator && other == .initiator)
                && now < heardAt + CatchUpTurns.patience
        }
    }

    private var turns: [UInt64: Turn] = [:]
    /// Who waits, in the order of arrival, and since when.
    private var waiting: [(id: UInt64, since: MonotonicTime)] = []

    /// Nobody has greeted.
    public init() {}

    /// Asks for the turn of a session; ids are the caller's own and unique.
    ///
    /// - Returns: Nothing if the session is to greet now; otherwise when to ask again, unless
    ///   ``note(_:isBehind:at:)`` or ``leave(_:)`` says so earlier.
    public mutating func take(
        _ id: UInt64, as role: SyncSession.Role, at now: MonotonicTime
    ) -> MonotonicTime? {
        let since = waiting.first { $0.id == id }?.since ?? now
        let others = turns.values.filter { $0.comesBefore(role, at: now) }
        if let latest = others.map(\.heardAt).max(), now < since + Self.waitMax {
            if !waiting.contains(where: { $0.id == id }) { waiting.append((id, since)) }
            return min(latest + Self.patience, since + Self.waitMax)
        }
        waiting.removeAll { $0.id == id }
        turns[id] = Turn(role: role, heardAt: now)
        return nil
    }

    /// Notes that a session was heard of.
    ///
    /// - Parameters:
    ///   - id: The session.
    ///   - isBehind: Whether the replica lacks something of its peer; nothing while that is not
    ///     known. Once it does not, the session's turn is over for good.
    ///   - now: The time.
    /// - Returns: The sessions that have to ask again now, in this order.
    public mutating func note(
        _ id: UInt64, isBehind: Bool?, at now: MonotonicTime
    ) -> [UInt64] {
        guard turns[id] != nil else { return [] }
        guard isBehind != false else { return leave(id) }
        turns[id]?.heardAt = now
        turns[id]?.isBringing = isBehind == true
        return []
    }

    /// Notes that a session is over.
    ///
    /// - Parameter id: The session.
    /// - Returns: The sessions that have to ask again now, in this order.
    public mutating func leave(_ id: UInt64) -> [UInt64] {
        waiting.removeAll { $0.id == id }
        return turns.removeValue(forKey: id) == nil ? [] : waiting.map(\.id)
    }
}
