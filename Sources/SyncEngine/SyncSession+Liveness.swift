import CausalTime
import ReplicaModel

extension SyncSession.Exchange {
    /// When something is due.
    func deadline(limits: SessionLimits) -> MonotonicTime? {
        [pushAt, stageAt, progressBy, knockAt(limits: limits)].compactMap(\.self).min()
    }

    /// When a peer that was silent for long is to be asked for a sign of life.
    private func knockAt(limits: SessionLimits) -> MonotonicTime? {
        guard !hasKnocked, let interval = limits.heartbeatInterval, let heardAt else { return nil }
        return heardAt + interval
    }

    /// Why the peer counts as gone; nothing if it does not.
    func silence(at now: MonotonicTime, limits: SessionLimits) -> String? {
        guard let progressBy, now >= progressBy else { return nil }
        return "no progress within \(limits.progressTimeout)"
    }

    /// Does what is due.
    mutating func due(at now: MonotonicTime, limits: SessionLimits) -> [SyncSession.Action] {
        var actions = stageIfDue(at: now, limits: limits)
        if let due = pushAt, now >= due {
            pushAt = nil
            quietUntil = now + limits.pushDelay
            actions += exports()
        }
        if let due = knockAt(limits: limits), now >= due {
            hasKnocked = true
            actions.append(.send(.heartbeat(isAnswer: false)))
        }
        return actions
    }

    /// The peer has to move while it owes us an acknowledgement, the rest of a segment, a step of
    /// a repair or a sign of life.
    mutating func watchProgress(
        since event: SyncSession.Event, at now: MonotonicTime, limits: SessionLimits
    ) {
        guard !isQuiet || !inbound.isEmpty || hasKnocked || repair != nil else {
            progressBy = nil
            return
        }
        switch event {
        // A peer that takes what it is sent is there, however slowly.
        case .received, .room: progressBy = now + limits.progressTimeout
        default: progressBy = progressBy ?? now + limits.progressTimeout
        }
    }
}
