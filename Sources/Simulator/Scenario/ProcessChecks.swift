/// Checks that each device is in a state in which what a step says can happen to it.
struct ProcessChecks {
    /// What a device is doing.
    private enum State: Equatable {
        case running
        case down(since: Duration)
        case paused(since: Duration)
        case lost(since: Duration)
        case absent
    }

    private let scenario: Scenario
    private let steps: [ScenarioReader.PlacedStep]
    private var states: [State]

    init(scenario: Scenario, steps: [ScenarioReader.PlacedStep]) {
        self.scenario = scenario
        self.steps = steps
        let joining = scenario.joiningDevices
        states = scenario.devices.indices.map { joining.contains($0) ? .absent : .running }
    }

    func run() throws(InputError) {
        var checks = self
        try checks.checkBeginning()
        for (step, node) in steps {
            guard let device = step.action.actingDevice else { continue }
            do throws(ValueError) {
                try checks.states[device] = checks.follow(step, device)
            } catch {
                throw node.mistake("'\(scenario.devices[device].name)' \(error.reason)")
            }
        }
    }

    /// Whoever does something at the beginning is there.
    private func checkBeginning() throws(InputError) {
        let absent = scenario.joiningDevices
        guard let device = scenario.opening.map(\.device).first(where: absent.contains),
            let node = steps.first(where: { $0.step.action == .befall(device: device, .join) })?
                .node
        else { return }
        throw node.mistake(
            "'\(scenario.devices[device].name)' cannot join: it does something at the beginning")
    }

    /// The state of a device after a step.
    private func follow(_ step: Scenario.Step, _ device: Int) throws(ValueError) -> State {
        let state = states[device]
        switch step.action {
        case .restart:
            guard case .down = state else { throw ValueError("is running and cannot restart") }
            return .running
        case .befall(_, .resume):
            guard case .paused = state else { throw ValueError("is not paused") }
            return .running
        case .befall(_, .join):
            guard state == .absent else { throw ValueError("is part of the fleet already") }
            return .running
        case .crash, .befall(_, .powerCut):
            try checkPresent(state)
            return .down(since: step.at)
        case .befall(_, .lose):
            try checkPresent(state, mayBeDown: true)
            return .lost(since: step.at)
        case .befall(_, .pause):
            try checkRunning(state)
            return .paused(since: step.at)
        default:
            try checkRunning(state)
            return .running
        }
    }

    private func checkRunning(_ state: State) throws(ValueError) {
        if case .paused(let since) = state {
            throw ValueError("is paused since \(since.scenarioText)")
        }
        try checkPresent(state)
    }

    private func checkPresent(_ state: State, mayBeDown: Bool = false) throws(ValueError) {
        switch state {
        case .running, .paused: return
        case .down(let since):
            if !mayBeDown { throw ValueError("is down since \(since.scenarioText)") }
        case .lost(let since): throw ValueError("is lost since \(since.scenarioText)")
        case .absent: throw ValueError("has not joined yet")
        }
    }
}

extension Scenario.Action {
    /// The device whose process must run for the action, or starts or ends by it.
    fileprivate var actingDevice: Int? {
        switch self {
        case .edit(let device, _, _, _), .addProfile(let device, _, _),
            .removeProfile(let device, _), .use(let device, _, _), .reserve(let device, _),
            .grant(let device, _, _), .allocate(let device, _, _), .crash(let device),
            .restart(let device), .operate(let device, _), .befall(let device, _):
            device
        case .expect(let expectation): expectation.device
        case .cut, .restore, .split, .silence, .heal, .free, .say: nil
        }
    }
}

extension Scenario {
    /// The first thing in the scenario that only virtual time can bring about, and its line;
    /// nothing if it can run with real processes.
    package var virtualOnly: (line: Int, what: String)? {
        for step in timeline {
            switch step.action {
            case .operate(_, .request), .allocate, .befall(_, .pause), .befall(_, .resume),
                .befall(_, .lose), .befall(_, .join):
                continue
            case .operate: return (step.line, "an operation that `caravan` has no verb for")
            case .befall(_, .disk), .befall(_, .powerCut): return (step.line, "a failing disk")
            case .befall(_, .clock): return (step.line, "a wrong clock")
            case .befall(_, .visit): return (step.line, "a stranger")
            case .silence: return (step.line, "a link that carries in one direction")
            case .expect(let value):
                if value.isVirtualOnly { return (step.line, "what it asks a replica") }
            default: continue
            }
        }
        if let value = expectation.values.first(where: \.isVirtualOnly) {
            return (value.line, "what it asks a replica")
        }
        if expectation.conflictsAtLeast > 0 { return (1, "a count of conflicts") }
        return rights.isEmpty ? nil : (1, "exclusive rights")
    }
}

extension Scenario.ValueExpectation {
    fileprivate var isVirtualOnly: Bool {
        switch subject {
        case .profile, .pool, .members: false
        case .record, .right: true
        }
    }
}
