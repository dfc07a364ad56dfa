import CausalTime
import FaultDisk
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncWire

extension SwarmWorld {
    /// The faults are over: everyone runs, clocks are set, and a tree of connections reaches all.
    ///
    /// - Returns: Whether there is anyone to talk to.
    func heal() throws -> Bool {
        for session in sessions { end(session) }
        queue = EventQueue()
        isHealed = true
        for seat in seats.compactMap({ $0 }) where !seat.isGone {
            seat.pausedUntil = .zero
            seat.troubleUntil = .zero
            seat.clock.set()
            if seat.isRunning {
                seat.trap = nil
                relieve(seat)
            } else {
                restart(
                    seat,
                    after: SwarmEvent.Crash(seat: seat.index, isPower: false, milliseconds: 0))
            }
        }
        guard oracle.violation == nil, Set(running.map(\.device)).count > 1 else { return false }
        try giveUpTheLost()
        connectAll()
        return true
    }

    /// A person gives up the devices that will not come back, so that the fleet can forget.
    private func giveUpTheLost() throws {
        let left = Set(running.map(\.device))
        guard let first = running.first else { return }
        for seat in seats.compactMap({ $0 }) where !left.contains(seat.device) {
            let device = environment.devices[seat.device]
            oracle.mayEndRows = true
            try write(on: first) { try $0.cells.retire(device) }
        }
    }

    /// A random tree, in which copies of one device never stand side by side.
    private func connectAll() {
        var random = SeededRandom(seed: script.healing)
        var tree: [SwarmSeat] = []
        var left = running
        while !left.isEmpty {
            let fitting = left.indices.filter { index in
                tree.isEmpty || tree.contains { $0.device != left[index].device }
            }
            guard !fitting.isEmpty else {
                // Only copies of the first device are left for now; begin with another one.
                break
            }
            let seat = left.remove(at: random.choice(of: fitting))
            let others = tree.filter { $0.device != seat.device }
            if !others.isEmpty {
                dial(
                    SwarmEvent.Meeting(
                        a: seat.index, b: random.choice(of: others).index, latency: 20,
                        milliseconds: 1 << 40, mishaps: []))
            }
            tree.append(seat)
        }
    }

    /// How long the fleet may take to become equal.
    ///
    /// In a tree what is new passes each connection once; before each one a push may wait twice
    /// the relay delay, and a replica that came back after being given up takes a few rounds.
    private var bound: Duration { .seconds(20 + 5 * running.count) }

    private var isLevel: Bool {
        let replicas = running
        guard let first = replicas.first else { return true }
        return replicas.dropFirst().allSatisfy {
            $0.vectors == first.vectors
        }
    }

    /// Heals, requires everyone to become equal in time, and judges.
    func finish() throws {
        guard oracle.violation == nil else { return }
        for seat in running { counts.deviceTime += now - seat.runningSince }
        guard try heal() else { return }
        let hasConverged = try run(until: now + bound) { self.isLevel }
        guard oracle.violation == nil else { return }
        guard hasConverged else {
            oracle.report(
                .convergence, "not equal within \(bound) of healing: " + differences)
            return
        }
        // What is under way still settles; then nobody has anything to say.
        try run(until: now + .seconds(30))
        let messages = messagesSent
        try run(until: now + .seconds(600))
        if messagesSent > messages {
            oracle.report(
                .bounded, "\(messagesSent - messages) messages were sent although all are equal")
        }
        judge()
        for session in sessions { end(session) }
    }

    /// Lanes of which replicas have not seen the same, and what each has.
    private var differences: String {
        Lane.all.compactMap { lane in
            let vectors = running.map { $0.vectors[lane] }
            guard Set(vectors).count > 1 else { return nil }
            let seats = running.map {
                let frontier = $0.store?.durableSummary.frontier[lane] ?? VersionVector()
                return "\($0.index) has \($0.vectors[lane]), forgotten to \(frontier)"
            }
            return "\(lane): " + seats.joined(separator: "; ")
        }.joined(separator: "; ")
    }

    /// Cells that count on one replica and are not there on another.
    private var differingCells: String {
        var cells: [(seat: Int, cells: Set<Cell>)] = []
        for seat in running {
            do {
                let all = try seat.store?.read { try $0.allCells() } ?? []
                cells.append(
                    (seat.index, Set(all.map { $0.with(context: VersionVector()) })))
            } catch {
                return "seat \(seat.index) cannot be read"
            }
        }
        guard let first = cells.first else { return "" }
        let lines = cells.dropFirst().flatMap { other in
            first.cells.subtracting(other.cells).map { "\($0) only on \(first.seat)" }
                + other.cells.subtracting(first.cells).map { "\($0) only on \(other.seat)" }
        }
        return lines.sorted().prefix(4).joined(separator: "; ")
    }

    private var messagesSent: UInt64 {
        sessions.reduce(0) { sum, session in
            session.ends.reduce(sum) { $0 + ($1?.traffic.messagesSent ?? 0) }
        }
    }

    private func judge() {
        var digests: Set<Digest> = []
        for seat in running {
            guard let store = seat.store else { continue }
            let scope = oracle.follow(seat.index, to: store.durableSummary.vectors)
            oracle.check(seat.index, of: seat.device, scope.union(.all), in: store)
            oracle.judge(seat.index, store.durableSummary.vectors)
            digests.insert(store.durableSummary.digest)
            do {
                for line in try store.read({ try $0.violations() }) {
                    oracle.report(.consistency, "seat \(seat.index): \(line)")
                }
            } catch {
                oracle.report(.failure, "seat \(seat.index) cannot be read: \(error)")
            }
            trace.note(10, UInt64(seat.index), store.durableSummary.digest.value)
        }
        if digests.count > 1 {
            oracle.report(.convergence, "equal vectors, different digests: " + differingCells)
        }
    }
}
