import CausalTime
import FaultDisk
import FleetModel
import ReplicaModel
import ReplicaStore

extension SwarmWorld {
    /// Brings about what the script says, as far as it is possible now.
    func perform(_ kind: SwarmEvent.Kind) throws {
        switch kind {
        case .operate, .meet: break
        default: tell("\(kind)")
        }
        record(kind)
        switch kind {
        case .operate(let seat, let operation): active(seat).map { operate(operation, on: $0) }
        case .meet(let meeting): dial(meeting)
        case .replay(let from, let to): replay(from: from, to: to)
        case .stranger(let seat, let kind, let seed):
            active(seat).map { visit($0, by: kind, seed: seed) }
        case .crash(let crash):
            guard let seat = active(crash.seat) else { return }
            self.crash(seat, crash)
        case .trap, .trouble, .lie: performOnDisk(kind)
        case .pause(let index, let milliseconds):
            guard let seat = active(index) else { return }
            seat.pausedUntil = now + .milliseconds(milliseconds)
            disturbSessions(of: seat)
            tally.add(.pause)
        case .backUp, .restore, .clone: try performOnFiles(kind)
        case .clock(let index, let change):
            guard let seat = active(index) else { return }
            seat.clock.change(change, at: milliseconds)
            tally.add(change.fault)
        case .lose, .join, .retire, .tidy: try performOnFleet(kind)
        }
    }

    private func disturbSessions(of seat: SwarmSeat) {
        for session in sessions where session.side(of: seat) != nil { session.isDisturbed = true }
    }

    // MARK: Disks

    private func performOnDisk(_ kind: SwarmEvent.Kind) {
        switch kind {
        case .trap(let index, let change, let crash):
            guard let seat = active(index), seat.troubleUntil <= now else { return }
            var plan = FaultDisk.Plan()
            plan.cutAt = change
            seat.trap = crash
            seat.plan(plan)
        case .trouble(let index, let trouble, let access, let milliseconds):
            guard let seat = active(index), seat.trap == nil else { return }
            var plan = FaultDisk.Plan()
            plan.persists = true
            if trouble == .full { plan.fullAt = access } else { plan.failAt = access }
            seat.troubleUntil = now + .milliseconds(milliseconds)
            seat.plan(plan)
            disturbSessions(of: seat)
            tally.add(trouble == .full ? .fullDisk : .inputOutputError)
            queue.schedule(
                .relieve(seat, life: seat.life), at: now + .milliseconds(milliseconds))
        case .lie(let index):
            guard let seat = active(index), seat.trap == nil, seat.troubleUntil <= now else {
                return
            }
            seat.lie()
            tally.add(.lostSync)
        default: return
        }
    }

    /// Ends a process, and plans its return.
    func crash(_ seat: SwarmSeat, _ crash: SwarmEvent.Crash) {
        guard seat.isRunning else { return }
        trace.note(6, UInt64(seat.index), 0)
        tell("\(crash)")
        recordEnd(of: seat, crash)
        tally.add(.crash)
        if crash.isPower, crash.tearing != nil { tally.add(.tornWrite) }
        counts.deviceTime += now - seat.runningSince
        let mayLose = crash.isPower && seat.lies
        endSessions(of: seat)
        seat.kill(crash)
        let hasRot = rot(seat, crash.rot)
        if mayLose || hasRot { seat.mayHaveLost = true }
        queue.schedule(
            .start(seat, life: seat.life, crash), at: now + .milliseconds(crash.milliseconds))
    }

    func endSessions(of seat: SwarmSeat) {
        for session in sessions where session.side(of: seat) != nil {
            session.isDisturbed = true
            end(session, with: seat)
        }
    }

    private func rot(_ seat: SwarmSeat, _ rot: SwarmEvent.Rot?) -> Bool {
        guard let rot else { return false }
        let name = SwarmSeat.database + (rot.isInLog ? "-wal" : "")
        let size = seat.disk.flip(bit: 0, at: -1, of: name)
        guard size > 0 else { return false }
        seat.disk.flip(bit: rot.bit, at: size * rot.millionths / 1_000_000, of: name)
        seat.isRotten = true
        tally.add(.bitRot)
        return true
    }

    /// Starts a process after a crash; the power may fail again meanwhile.
    func restart(_ seat: SwarmSeat, after crash: SwarmEvent.Crash) {
        if let access = crash.cutInRecovery {
            var plan = FaultDisk.Plan()
            plan.offAt = access
            seat.plan(plan)
            var failure: (any Error)?
            do { try open(seat) } catch {
                failure = error
                trace.note(7, UInt64(seat.index), 0)
            }
            guard seat.disk.count.isOff else {
                seat.plan(FaultDisk.Plan())
                if let failure { giveUpOrReport(seat, failure) } else { checkAll(of: seat) }
                return
            }
            tally.add(.crashInRecovery)
            var again = crash
            again.isPower = true
            seat.kill(again)
        }
        do { try start(seat) } catch {
            seat.plan(FaultDisk.Plan())
            giveUpOrReport(seat, error)
        }
    }

    /// Lets the oracle look at all that a seat says.
    private func checkAll(of seat: SwarmSeat) {
        if let store = seat.store { oracle.check(seat.index, of: seat.device, .all, in: store) }
    }

    /// A replica that is damaged says so, and its device is out of use.
    private func giveUpOrReport(_ seat: SwarmSeat, _ reason: any Error) {
        guard seat.mayHaveLost || seat.isRotten else {
            oracle.report(.durable, "seat \(seat.index) does not open again: \(reason)")
            return
        }
        seat.isGone = true
        recordLoss(of: seat)
        oracle.lose(knownTo: running.map(\.vectors))
        trace.note(8, UInt64(seat.index), 0)
    }

    /// Takes a device out of use that has found out that its files are damaged.
    func giveUp(_ seat: SwarmSeat) {
        guard seat.isRunning else { return }
        counts.deviceTime += now - seat.runningSince
        seat.isGone = true
        recordLoss(of: seat)
        endSessions(of: seat)
        seat.kill(SwarmEvent.Crash(seat: seat.index, isPower: false, milliseconds: 0))
        oracle.lose(knownTo: running.map(\.vectors))
        trace.note(8, UInt64(seat.index), 1)
    }

    /// Starts a process, and looks at what it finds.
    func start(_ seat: SwarmSeat) throws {
        try open(seat)
        checkAll(of: seat)
    }

    /// Starts a process, whose disk may still fail when it is looked at.
    private func open(_ seat: SwarmSeat) throws {
        _ = wall(of: seat)
        try seat.start()
        seat.runningSince = now
        seat.changedAt = now
        guard let store = seat.store else { return }
        recordStart(of: seat, store.durableSummary.vectors)
        if seat.mayHaveLost {
            oracle.rewind(
                seat.index, of: seat.device, to: store.durableSummary.vectors,
                others: running.filter { $0 !== seat }.map(\.vectors))
            seat.mayHaveLost = false
        } else {
            _ = oracle.follow(seat.index, to: store.durableSummary.vectors)
        }
        tell("\(seat.index) starts at \(store.durableSummary.vectors[.control])")
        trace.note(9, UInt64(seat.index), store.durableSummary.digest.value)
    }

    // MARK: Files

    private func performOnFiles(_ kind: SwarmEvent.Kind) throws {
        switch kind {
        case .backUp(let index):
            guard let seat = active(index), seat.troubleUntil <= now, seat.trap == nil else {
                return
            }
            seat.backUp()
        case .restore(let index, let inPlace):
            guard let seat = active(index), seat.backup != nil, seat.troubleUntil <= now,
                seat.trap == nil
            else { return }
            counts.deviceTime += now - seat.runningSince
            endSessions(of: seat)
            try seat.close()
            seat.restore(inPlace: inPlace)
            seat.mayHaveLost = true
            tally.add(.restoredStore)
            try start(seat)
        case .clone(let index, let other):
            guard let seat = active(index), seats.indices.contains(other), seats[other] == nil,
                seat.troubleUntil <= now, seat.trap == nil, !seat.lies
            else { return }
            let copy = seat.copied(as: other)
            seats[other] = copy
            oracle.copy(seat.index, of: seat.device, to: other)
            tally.add(.clonedStore)
            try start(copy)
        default: return
        }
    }

    // MARK: Fleet

    private func performOnFleet(_ kind: SwarmEvent.Kind) throws {
        switch kind {
        case .lose(let index):
            // Somebody has to be left that others can talk to.
            guard let seat = active(index),
                Set(running.filter { $0 !== seat }.map(\.device)).count > 1
            else { return }
            counts.deviceTime += now - seat.runningSince
            endSessions(of: seat)
            seat.isGone = true
            recordLoss(of: seat)
            seat.kill(SwarmEvent.Crash(seat: index, isPower: false, milliseconds: 0))
            oracle.lose(knownTo: running.map(\.vectors))
            tally.add(.lostForever)
        case .join(let index):
            guard try add(index) != nil else { return }
            tally.add(.joinInPartition)
        case .retire(let index, let other):
            guard let seat = active(index), seats.indices.contains(other), let seat2 = seats[other],
                seat2.device != seat.device
            else { return }
            let device = environment.devices[seat2.device]
            oracle.mayEndRows = true
            try write(on: seat) { try $0.cells.retire(device) }
            tally.add(.retiredAndReturning)
        case .tidy(let index):
            guard let seat = active(index) else { return }
            try write(on: seat) { fleet in
                for lane in Lane.all { try fleet.cells.proposeCut(of: lane) }
            }
        default: return
        }
    }
}

extension SwarmEvent.ClockChange {
    var fault: FaultClass {
        switch self {
        case .skew: .skewedClock
        case .jump: .jumpingClock
        case .freeze: .frozenClock
        case .future: .farFutureClock
        }
    }
}
