import CausalTime
import FaultDisk
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncWire

extension SwarmWorld {
    /// How long a sound meeting lasts at least that has to leave both sides level.
    private static let soundMilliseconds = 60_000

    // MARK: Beginning

    func dial(_ meeting: SwarmEvent.Meeting) {
        guard let one = active(meeting.a), let other = active(meeting.b),
            one.device != other.device
        else { return reconnect(meeting) }
        let session = SwarmSession(meeting, [one, other], at: now)
        session.goal = one.vectors
        session.goal.merge(other.vectors)
        session.isDisturbed =
            session.isDisturbed || meeting.latency > 500 || meeting.bytesPerSecond != nil
            || meeting.milliseconds < Self.soundMilliseconds
        sessions.append(session)
        count(meeting)
        recordLink(session, begins: true)
        tell("session \(meeting)")
        queue.schedule(.connect(session), at: now + .milliseconds(2 * meeting.latency))
        queue.schedule(.parted(session), at: now + .milliseconds(meeting.milliseconds))
    }

    private func count(_ meeting: SwarmEvent.Meeting) {
        counts.sessions += 1
        if meeting.latency > 500 { tally.add(.latency) }
        if meeting.bytesPerSecond != nil { tally.add(.bandwidthCap) }
        if meeting.isSecond { tally.add(.duplicatedSession) }
    }

    func connect(_ session: SwarmSession) {
        guard isUsable(session) else { return }
        for side in 0...1 {
            step(session, side) { $0.connected(at: time, replica: $1) }
        }
    }

    /// Whether a session goes on; if a process behind it is gone, it ends.
    private func isUsable(_ session: SwarmSession) -> Bool {
        guard session.isOpen else { return false }
        guard session.isCurrent else {
            session.isDisturbed = true
            end(session)
            return false
        }
        return true
    }

    // MARK: Going on

    func deliver(_ piece: SwarmSession.Piece, to side: Int, of session: SwarmSession) {
        guard isUsable(session) else { return }
        let seat = session.seats[side]
        guard seat.pausedUntil <= now else {
            session.isDisturbed = true
            queue.schedule(.deliver(session, side: side, piece), at: seat.pausedUntil)
            return
        }
        if piece.isDamaged { session.isDamaged[side] = true }
        if !piece.bytes.isEmpty {
            step(session, side) { $0.received(piece.bytes, at: time, replica: $1) }
        }
        if piece.endsHere { end(session) }
    }

    func timeReached(_ side: Int, of session: SwarmSession) {
        guard isUsable(session) else { return }
        session.scheduled[side] = nil
        guard session.seats[side].pausedUntil <= now else {
            session.isDisturbed = true
            queue.schedule(.deadline(session, side: side), at: session.seats[side].pausedUntil)
            return
        }
        step(session, side) { $0.timeReached(at: time, replica: $1) }
    }

    private func step(
        _ session: SwarmSession, _ side: Int,
        _ body: (inout SwarmSession.Connection, ReplicaStore) -> SwarmSession.Connection.Output
    ) {
        let seat = session.seats[side]
        settle(seat)
        guard var end = session.ends[side], let store = seat.store else { return }
        _ = wall(of: seat)
        let before = store.durableSummary.vectors
        let output = body(&end, store)
        session.ends[side] = end
        let after = store.durableSummary.vectors
        if before != after {
            oracle.wrote(before, after, as: store.durableWriter)
        }
        take(output, from: side, of: session)
        sprung(seat)
    }

    /// Does what a connection asks for.
    func take(
        _ output: SwarmSession.Connection.Output, from side: Int, of session: SwarmSession
    ) {
        let seat = session.seats[side]
        for progress in output.progress {
            switch progress {
            case .greeted: break
            case .diverged(let step):
                oracle.report(.convergence, "the peer of seat \(seat.index) \(step)")
            case .applied(let lane, let cells):
                tell("\(seat.index) takes in \(cells) cells of \(lane)")
                if cells > 0 { session.hasCarried = true }
                if session.isDamaged[side] {
                    oracle.report(
                        .intrusion, "seat \(seat.index) took in a segment after damaged bytes")
                }
                trace.note(
                    4, UInt64(seat.index), seat.store?.durableSummary.digest.value ?? 0)
                changed(seat, through: session)
            case .synchronized:
                tell("\(seat.index) synchronized")
                session.isSynchronized[side] = true
                if !seat.vectors.dominates(session.goal) {
                    oracle.report(
                        .live, "seat \(seat.index) says that it has everything, and has not")
                }
                seat.store?.hearPeer()
            }
        }
        if !output.bytes.isEmpty { send(output.bytes, from: side, of: session) }
        if let reason = output.close { close(session, side, reason) }
        remind(side, of: session)
    }

    private func close(
        _ session: SwarmSession, _ side: Int, _ reason: SyncSession.CloseReason
    ) {
        let seat = session.seats[side]
        trace.note(5, UInt64(seat.index), 0)
        tell("\(seat.index) closes \(reason)")
        if case .replicaFailed(let text) = reason, !seat.disk.count.isOff,
            seat.troubleUntil <= now, !isOvertaken(text)
        {
            if seat.isRotten { return giveUp(seat) }
            oracle.report(.failure, "seat \(seat.index), in a session: \(text)")
        }
        if case .replicaFailed(let text) = reason, isOvertaken(text) { session.isDisturbed = true }
        if !session.isDisturbed, !excuses(session) {
            oracle.report(
                .live,
                "seat \(seat.index) ended a session with \(session.seats[1 - side].index) "
                    + "over a sound link: \(reason)")
        }
        queue.schedule(.closed(session), at: max(now, session.arrival[side]))
    }

    /// Whether another session moved the frontier meanwhile, so that this one has to begin anew.
    private func isOvertaken(_ text: String) -> Bool {
        text.contains("it has to take a snapshot first")
    }

    /// Whether one of the two has troubles of its own.
    private func excuses(_ session: SwarmSession) -> Bool {
        session.seats.contains {
            $0.troubleUntil > session.start || $0.disk.count.isOff || !$0.isRunning
        }
    }

    private func send(_ bytes: [UInt8], from side: Int, of session: SwarmSession) {
        let direction = side
        tell(
            "\(session.seats[side].index) sends \(bytes.count) bytes to "
                + "\(session.seats[1 - side].index)")
        let pieces = session.pass(bytes, from: side)
        recordSend(bytes.count, from: side, of: session, pieces)
        for piece in pieces {
            let carrying =
                session.meeting.bytesPerSecond.map {
                    Duration.milliseconds(1000 * piece.bytes.count / $0)
                } ?? .zero
            let arrival =
                max(now + .milliseconds(session.meeting.latency), session.arrival[direction])
                + carrying
            session.arrival[direction] = arrival
            queue.schedule(.deliver(session, side: 1 - side, piece), at: arrival)
        }
    }

    private func remind(_ side: Int, of session: SwarmSession) {
        guard session.isOpen, let due = session.ends[side]?.deadline?.sinceStart else { return }
        if let scheduled = session.scheduled[side], scheduled <= due { return }
        session.scheduled[side] = due
        queue.schedule(.deadline(session, side: side), at: max(now, due))
    }

    // MARK: Ending

    /// The time of a meeting is over: if nothing went wrong, both sides are level.
    func part(_ session: SwarmSession) {
        guard isUsable(session) else { return }
        if !session.isDisturbed, !excuses(session),
            session.seats.allSatisfy({ $0.pausedUntil <= now })
        {
            checkLevel(session)
        }
        end(session)
    }

    private func checkLevel(_ session: SwarmSession) {
        let (one, other) = (session.seats[0].vectors, session.seats[1].vectors)
        if !session.isSynchronized.allSatisfy({ $0 }) {
            oracle.report(.live, "\(name(of: session)) did not finish over a sound link")
        } else if !one.dominates(session.goal) || !other.dominates(session.goal) {
            oracle.report(.live, "\(name(of: session)) left something out")
        }
        let isQuiet = session.seats.allSatisfy { $0.changedAt + .seconds(20) < now }
        if isQuiet, one != other {
            oracle.report(.live, "\(name(of: session)) did not send on what was new")
        }
    }

    private func name(of session: SwarmSession) -> String {
        "a session of seats \(session.meeting.a) and \(session.meeting.b)"
    }

    /// Ends a session at both sides; `dying` is a process that ends with it, and does no more.
    func end(_ session: SwarmSession, with dying: SwarmSeat? = nil) {
        guard session.isOpen else { return }
        tell("session \(session.meeting.a)-\(session.meeting.b) of \(session.start) ends")
        session.isOpen = false
        sessions.removeAll { $0 === session }
        recordLink(session, begins: false)
        for (mishap, hasHappened) in zip(session.meeting.mishaps, session.happened)
        where hasHappened {
            tally.add(mishap.fault)
        }
        if session.hasCarried { counts.exchanges += 1 }
        for end in session.ends { counts.messages += end?.traffic.messagesSent ?? 0 }
        recordings[session.meeting.a * SwarmScript.seatsMax + session.meeting.b] =
            session.recording
        letGo(session, but: dying)
        reconnect(session.meeting)
    }

    /// Tells the processes at both ends that the connection is gone.
    private func letGo(_ session: SwarmSession, but dying: SwarmSeat?) {
        for (side, seat) in session.seats.enumerated()
        where seat !== dying && seat.life == session.lives[side] {
            guard let store = seat.store else { continue }
            session.ends[side]?.disconnected(at: time, replica: store)
            sprung(seat)
        }
    }

    /// Once everything is healed, who has lost a connection makes another one.
    private func reconnect(_ meeting: SwarmEvent.Meeting) {
        guard isHealed else { return }
        queue.schedule(.reconnect(meeting), at: now + .seconds(1))
    }
}

extension SwarmEvent.Mishap {
    /// The class that it belongs to.
    var fault: FaultClass {
        switch self {
        case .partition: .partition
        case .asymmetric: .asymmetricPartition
        case .halfOpen: .halfOpen
        case .cut: .cut
        case .lost: .lostBytes
        case .repeated: .duplicatedBytes
        case .swapped: .reorderedBytes
        case .corrupted: .corruption
        }
    }
}
