import CausalTime
import ReplicaStore
import SyncEngine
import SyncWire

extension SimulatedFleet {
    /// Follows changes of what links can carry.
    func apply(_ changes: [Connectivity.Change]) {
        for change in changes {
            let link = links[change.link]
            link.isUp = change.isUp
            recorder?.link(link.a, link.b, isUp: false, begins: !link.isUp, at: milliseconds)
            if change.isUp {
                link.backoff.succeeded()
                scheduleDial(link)
            } else if let session = link.session {
                end(session)
            }
        }
        if changes.contains(where: \.isUp) { convergence.restart(present, at: now) }
    }

    func scheduleDial(_ link: SimulatedLink) {
        guard link.isUp, link.session == nil, !link.isDialing else { return }
        link.isDialing = true
        let delay = link.backoff.nextDelay(using: &link.random)
        queue.schedule(.dial(link), at: now + delay)
    }

    func dial(_ link: SimulatedLink) {
        link.isDialing = false
        guard link.isUp, link.session == nil else { return }
        sessionCount += 1
        let session = SimulatedSession(
            link: link, number: sessionCount, between: [devices[link.a], devices[link.b]], at: now)
        link.session = session
        // The handshake of TCP takes a round trip.
        let roundTrip =
            link.quality.latency(using: &link.random) + link.quality.latency(using: &link.random)
        for side in 0...1 {
            queue.schedule(.connected(session, side: side), at: now + roundTrip)
        }
    }

    func connected(_ side: Int, of session: SimulatedSession) {
        guard session.isOpen, !isHeld(.connected(session, side: side), side, of: session) else {
            return
        }
        if side == 0 {
            guard hasTurn(side, of: session) else { return }
            trace.note("connected \(session.link.index)", at: now)
        }
        let device = devices[session.link.device(of: side)]
        session.isConnected[side] = true
        take(
            session.ends[side].connected(at: time, replica: device.store), from: side,
            of: session)
    }

    /// Keeps something for a process that stands still.
    func isHeld(_ event: Event, _ side: Int, of session: SimulatedSession) -> Bool {
        let index = session.link.device(of: side)
        guard !connectivity.isActive(device: index) else { return false }
        devices[index].held.append(event)
        return true
    }

    func deliver(_ bytes: [UInt8], to side: Int, of session: SimulatedSession) {
        guard session.isOpen, !isHeld(.deliver(session, side: side, bytes), side, of: session)
        else { return }
        guard session.isConnected[side], session.early[side].isEmpty,
            hasTurn(side, of: session)
        else {
            session.early[side] += bytes
            return
        }
        let device = devices[session.link.device(of: side)]
        device.bytesReceived += UInt64(bytes.count)
        trace.note("\(session.link.index) → \(device.name)", at: now, bytes: bytes)
        let output = session.ends[side].received(bytes, at: time, replica: device.store)
        take(output, from: side, of: session)
        let isBehind = session.ends[side].isBehind
        wake(device.turns.note(session.number, isBehind: isBehind, at: time), at: device)
    }

    func timeReached(_ side: Int, of session: SimulatedSession) {
        guard session.isOpen, !isHeld(.deadline(session, side: side), side, of: session) else {
            return
        }
        session.scheduled[side] = nil
        guard session.early[side].isEmpty else { return }
        let device = devices[session.link.device(of: side)]
        let output = session.ends[side].timeReached(at: time, replica: device.store)
        take(output, from: side, of: session)
    }

    /// Does what a connection asks for.
    func take(
        _ output: SimulatedSession.Connection.Output, from side: Int, of session: SimulatedSession
    ) {
        let device = devices[session.link.device(of: side)]
        if !output.bytes.isEmpty { send(output.bytes, from: side, of: session) }
        for progress in output.progress {
            switch progress {
            case .applied: didChange(device, through: session)
            case .diverged(let step):
                oracle.report(
                    Violation(.convergence, at: now, "the peer of \(device.name) \(step)"))
            case .greeted, .synchronized: break
            }
        }
        if let reason = output.close {
            if case .replicaFailed(let text) = reason, !device.disk.isInTrouble {
                oracle.report(Violation(.failure, at: now, "\(device.name): \(text)"))
            }
            trace.note("\(device.name) closes \(session.link.index)", at: now)
            queue.schedule(.closed(session), at: max(now, session.arrival[1 - side]))
        }
        remind(side, of: session)
    }

    private func send(_ bytes: [UInt8], from side: Int, of session: SimulatedSession) {
        let link = session.link
        let device = devices[link.device(of: side)]
        device.bytesSent += UInt64(bytes.count)
        wire.bytes += UInt64(bytes.count)
        if !session.isCounted {
            session.isCounted = true
            wire.sessions += 1
        }
        let other = 1 - side
        let carrying = link.quality.bandwidth?.time(toSend: bytes.count) ?? .zero
        let departure = link.cursors[side]?.departure(of: bytes.count, at: now) ?? now
        let latency = link.quality.latency(using: &link.random)
        let arrival = max(departure + latency, session.arrival[other]) + carrying
        session.arrival[other] = arrival
        let isLost = connectivity.isSilent(link: link.index, from: device.index)
        recorder?.sent(
            bytes.count, from: device.index, to: link.device(of: other), at: milliseconds,
            arriving: arrival.wholeMilliseconds, isSpoiled: isLost)
        guard !isLost else { return }
        queue.schedule(.deliver(session, side: other, bytes), at: arrival)
    }

    private func remind(_ side: Int, of session: SimulatedSession) {
        guard let due = session.ends[side].deadline?.sinceStart else { return }
        if let scheduled = session.scheduled[side], scheduled <= due { return }
        session.scheduled[side] = due
        queue.schedule(.deadline(session, side: side), at: max(now, due))
    }

    /// Ends a connection: what is under way is lost, and the dialing side tries again.
    func end(_ session: SimulatedSession) {
        guard session.isOpen else { return }
        session.isOpen = false
        letGo(session)
        wire.messages += session.ends.reduce(0) { $0 + $1.traffic.messagesSent }
        trace.note("ended \(session.link.index)", at: now)
        recordEnd(of: session)
        if session.link.session === session { session.link.session = nil }
        scheduleDial(session.link)
    }

    /// Tells the processes at both ends that the connection is gone, if they are still there.
    private func letGo(_ session: SimulatedSession) {
        for side in 0...1 {
            let device = devices[session.link.device(of: side)]
            guard device.life == session.lives[side] else { continue }
            session.ends[side].disconnected(at: time, replica: device.store)
            wake(device.turns.leave(session.number), at: device)
        }
    }
}
