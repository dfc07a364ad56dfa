import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncWire

/// What a random world tells its recorder, if there is one.
///
/// Nothing here reads a replica: that would change which access to its disk is the one that fails.
extension SwarmWorld {
    private var at: Int { Int(milliseconds) }

    /// Has everything recorded from now on, and people told.
    func record(with recorder: RunRecorder?, _ narrate: ((Duration, String) -> Void)?) {
        self.recorder = recorder
        guard let recorder else {
            self.narrate = narrate
            return
        }
        recorder.begin(
            .world, name: "world-\(script.seed)", title: "Random world \(script.seed)",
            seed: script.seed, devices: [], healedAt: script.milliseconds,
            end: script.milliseconds)
        recorder.show()
        self.narrate = { time, text in
            recorder.remark(text, at: time.wholeMilliseconds)
            narrate?(time, text)
        }
        for seat in running { recorder.advanced(place(of: seat), to: seat.vectors, at: at) }
    }

    /// The row of a seat.
    private func place(of seat: SwarmSeat) -> Int {
        let name =
            "seat \(seat.index)" + (seat.index == seat.device ? "" : " (copy of \(seat.device))")
        return recorder?.place(ofDevice: name) ?? 0
    }

    func recordMark(
        _ kind: ReportDocument.MarkKind, on seat: SwarmSeat, _ text: @autoclosure () -> String
    ) {
        recorder?.mark(kind, on: place(of: seat), at: at, text())
    }

    /// Takes note of a fault that the script brings about, if it can come about now.
    func record(_ kind: SwarmEvent.Kind) {
        guard let recorder, let index = kind.seatOfFault, let seat = active(index) else { return }
        recorder.mark(.fault, on: place(of: seat), at: at, "\(kind)")
        switch kind {
        case .pause(_, let milliseconds):
            recorder.span(.paused, of: place(of: seat), from: at, to: at + milliseconds)
        case .trouble(_, _, _, let milliseconds):
            recorder.span(.trouble, of: place(of: seat), from: at, to: at + milliseconds)
        default: return
        }
    }

    func recordEnd(of seat: SwarmSeat, _ crash: SwarmEvent.Crash) {
        guard let recorder else { return }
        recorder.state(.down, of: place(of: seat), begins: true, at: at)
        recorder.mark(
            .crash, on: place(of: seat), at: at, crash.isPower ? "loses its power" : "is killed")
    }

    func recordStart(of seat: SwarmSeat, _ vectors: LaneVectors) {
        guard let recorder else { return }
        recorder.state(.down, of: place(of: seat), begins: false, at: at)
        recorder.mark(.restart, on: place(of: seat), at: at, "starts")
        recorder.advanced(place(of: seat), to: vectors, at: at)
    }

    func recordLoss(of seat: SwarmSeat) {
        guard let recorder else { return }
        recorder.state(.down, of: place(of: seat), begins: false, at: at)
        recorder.state(.gone, of: place(of: seat), begins: true, at: at)
        recorder.mark(.fault, on: place(of: seat), at: at, "is gone for ever")
    }

    func recordState(of seat: SwarmSeat, _ vectors: LaneVectors) {
        recorder?.advanced(place(of: seat), to: vectors, at: at)
    }

    // MARK: Connections

    func recordLink(_ session: SwarmSession, begins: Bool) {
        guard let recorder else { return }
        let places = session.seats.map(place)
        recorder.link(places[0], places[1], isUp: true, begins: begins, at: at)
        guard !begins else { return }
        for (side, end) in session.ends.enumerated() {
            guard let end else { continue }
            recorder.sentByLane({ end.traffic.cellBytesSent[$0] }, from: places[side])
        }
    }

    func recordSend(
        _ bytes: Int, from side: Int, of session: SwarmSession, _ pieces: [SwarmSession.Piece]
    ) {
        guard let recorder else { return }
        let delay = session.meeting.latency
        recorder.sent(
            bytes, from: place(of: session.seats[side]), to: place(of: session.seats[1 - side]),
            at: at, arriving: max(at + delay, session.arrival[side].wholeMilliseconds),
            isSpoiled: pieces.isEmpty || pieces.contains { $0.isDamaged || $0.endsHere })
    }

    // MARK: Operations

    func record(_ operation: SwarmOperation, _ outcome: SwarmOutcome, on seat: SwarmSeat) {
        guard let recorder else { return }
        recorder.mark(
            operation.isAboutRights ? .rights : .operation, on: place(of: seat), at: at,
            "\(operation)")
        if case .recordUsage(_, let received, let sent) = operation {
            recorder.didUse(received + sent)
        }
        recorder.pool(granted: oracle.granted, reserved: oracle.reserved, at: at)
        let lane = SwarmDeed.lane(of: operation, outcome)
        guard let writer = outcome.writer, outcome.after[lane][writer] > 0 else { return }
        let dot = Dot(writer: writer, sequence: outcome.after[lane][writer])
        if case .hand(let bytes, let other, _) = operation, outcome.grant != nil,
            seats.indices.contains(other), let receiver = seats[other]
        {
            recorder.handed(bytes, from: place(of: seat), to: place(of: receiver), by: dot, at: at)
        }
        guard let subject = operation.subject(outcome) else { return }
        recorder.append(
            RecordedDeed(
                row: subject.row, field: subject.field, device: place(of: seat),
                text: "\(operation)", lane: lane, dot: dot, before: outcome.before))
    }

    func finishRecording() {
        // A broken rule ends everything, also what is going on.
        for session in sessions { recordLink(session, begins: false) }
        recorder?.finish(
            at: at, converged: oracle.violation?.rule != .convergence,
            sessions: counts.sessions, violations: oracle.violation.map { [$0] } ?? [])
    }
}

extension SwarmEvent.Kind {
    /// The seat that it strikes, unless it is told of elsewhere.
    fileprivate var seatOfFault: Int? {
        switch self {
        case .operate, .meet, .crash, .lose, .join: nil
        case .replay(_, let seat), .stranger(let seat, _, _), .trap(let seat, _, _),
            .trouble(let seat, _, _, _), .lie(let seat), .pause(let seat, _), .backUp(let seat),
            .restore(let seat, _), .clone(let seat, _), .clock(let seat, _),
            .retire(let seat, _), .tidy(let seat):
            seat
        }
    }
}

extension SwarmOperation {
    fileprivate var isAboutRights: Bool {
        switch self {
        case .grant, .hand, .allocate, .request, .closePart: true
        default: false
        }
    }

    /// What it says something of that others may say something else of at the same time.
    fileprivate func subject(_ outcome: SwarmOutcome) -> (row: String, field: String?)? {
        switch self {
        case .setProfile(let number, let field, _): return ("profile \(number)", "\(field)")
        case .removeProfile(let number): return ("profile \(number)", nil)
        case .setPeriod: return ("period", "")
        case .deleteTrip, .restoreTrip: return outcome.trip.map { ("trip \($0)", nil) }
        case .trip(_, let action):
            guard let trip = outcome.trip else { return nil }
            switch action {
            case .title: return ("trip \(trip)", "title")
            case .note: return ("trip \(trip)", "notes")
            case .override, .offer, .answer: return ("trip \(trip)", "driver")
            case .stamp, .visited, .days, .balance, .stage: return nil
            }
        case .deletePlace(let name): return ("place \(name)", nil)
        case .remark(let place, _): return ("place \(place)", "remark")
        default: return nil
        }
    }
}
