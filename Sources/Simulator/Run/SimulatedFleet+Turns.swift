import SyncEngine

/// Connections of a device greet one after the other, as those of a process do.
extension SimulatedFleet {
    /// Whether a side may greet; otherwise it is asked again.
    func hasTurn(_ side: Int, of session: SimulatedSession) -> Bool {
        guard !session.hasTurn[side] else { return true }
        let device = devices[session.link.device(of: side)]
        let role = side == 0 ? SyncSession.Role.initiator : .responder
        if let due = device.turns.take(session.number, as: role, at: time) {
            queue.schedule(.turn(session, side: side), at: max(now, due.sinceStart))
            return false
        }
        session.hasTurn[side] = true
        return true
    }

    /// Goes on with a side that has waited, if it is its turn.
    func takeTurn(_ side: Int, of session: SimulatedSession) {
        guard session.isOpen, !session.hasTurn[side],
            !isHeld(.turn(session, side: side), side, of: session), hasTurn(side, of: session)
        else { return }
        if !session.isConnected[side] { connected(side, of: session) }
        let early = session.early[side]
        session.early[side] = []
        if !early.isEmpty { deliver(early, to: side, of: session) }
    }

    /// Lets connections of a device that wait ask again, in their order.
    func wake(_ numbers: [UInt64], at device: SimulatedDevice) {
        for number in numbers {
            for link in linksOfDevice[device.index] {
                guard let session = link.session, session.number == number else { continue }
                let side = link.a == device.index ? 0 : 1
                queue.schedule(.turn(session, side: side), at: now)
            }
        }
    }
}
