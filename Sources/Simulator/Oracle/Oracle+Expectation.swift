import FleetModel

extension Oracle {
    /// An oracle for the devices of a scenario, which knows what the scenario does to clocks and
    /// rights.
    package init(of scenario: Scenario) {
        self.init(deviceNames: scenario.deviceNames)
        for step in scenario.timeline {
            switch step.action {
            case .befall(_, .clock):
                clocksAreRight = false
                rightsMayEnd = true
            case .allocate(_, _, .some), .operate(_, .hand(_, _, .some)), .operate(_, .closePart):
                rightsMayEnd = true
            case .grant(_, _, let valid):
                if step.at + valid <= scenario.duration + scenario.settle { rightsMayEnd = true }
            default: continue
            }
        }
        if let pool = scenario.pool, pool.valid <= scenario.duration + scenario.settle {
            rightsMayEnd = true
        }
    }

    /// Compares how the run ended with what the scenario expects.
    ///
    /// - Parameters:
    ///   - expectation: What is expected.
    ///   - observations: Of every device that is left.
    ///   - names: Who made them.
    ///   - elapsed: From the last reconnection until all had caught up; nothing if they did not.
    ///   - bytes: What passed over all links.
    ///   - time: Now.
    package mutating func judge(
        _ expectation: Scenario.Expectation, _ observations: [DeviceObservation],
        named names: [String], elapsed: Duration?, bytes: UInt64, at time: Duration
    ) {
        if let limit = expectation.convergeWithin, elapsed.map({ $0 > limit }) ?? true {
            let took = elapsed.map { "\($0.roundedSeconds) s" } ?? "for ever"
            report(
                Violation(
                    .slow, at: time,
                    "converging took \(took), longer than \(limit.roundedSeconds) s"))
        }
        func miss(_ message: String) { missed.append(message) }
        var missed: [String] = []
        if let limit = expectation.bytesAtMost, bytes > limit.bytes {
            miss("\(bytes) bytes passed, more than \(limit.bytes)")
        }
        if let range = expectation.refusals, !range.contains(refusals) {
            miss(
                refusals.counting("operation was", "operations were")
                    + " refused, expected \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        let conflicts = observations.map(\.conflicts).max() ?? 0
        if conflicts < expectation.conflictsAtLeast {
            miss(
                "\(conflicts) values met another, expected at least "
                    + "\(expectation.conflictsAtLeast)")
        }
        for (name, observation) in zip(names, observations) {
            for value in expectation.values
            where value.device.map({ deviceNames[$0] == name }) ?? true {
                value.mistake(in: observation, names: deviceNames).map { miss("\(name): \($0)") }
            }
        }
        for message in missed { report(Violation(.expectation, at: time, message)) }
    }
}

extension DeviceObservation {
    /// Values that were lost to another write, and those that stand beside another one.
    fileprivate var conflicts: Int {
        lostValues + records.values.reduce(0) { $0 + max(0, $1.count - 1) }
    }
}
