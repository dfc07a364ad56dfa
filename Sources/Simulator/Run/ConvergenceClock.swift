import ReplicaModel

/// Measures how long it takes, after a reconnection, until every device has what any of them had at
/// that moment.
///
/// Devices go on writing meanwhile, so equal digests would measure something else.
struct ConvergenceClock {
    /// What all have to have seen, while they have not.
    private var goal: LaneVectors?
    private var startedAt: Duration = .zero
    /// Who was seen to lack something when somebody looked last.
    private var behind: SimulatedDevice?
    /// The last measurement; nothing while one is under way or before the first.
    private(set) var elapsed: Duration?

    /// Starts anew at a reconnection.
    mutating func restart(_ devices: [SimulatedDevice], at now: Duration) {
        var goal = LaneVectors()
        for device in devices { goal.merge(device.vectors) }
        self.goal = goal
        startedAt = now
        elapsed = nil
        check(devices, at: now)
    }

    /// Stops if the goal has been reached.
    mutating func check(_ devices: [SimulatedDevice], at now: Duration) {
        guard let goal else { return }
        // Mostly the one that was behind last time still is.
        if let last = behind, devices.contains(where: { $0 === last }),
            !last.vectors.dominates(goal)
        {
            return
        }
        behind = devices.first { !$0.vectors.dominates(goal) }
        guard behind == nil else { return }
        self.goal = nil
        elapsed = now - startedAt
    }
}
