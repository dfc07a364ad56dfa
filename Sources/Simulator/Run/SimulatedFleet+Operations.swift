import FleetModel
import ReplicaModel
import ReplicaStore

extension SimulatedFleet {
    /// Brings about what the scenario says.
    func perform(_ kind: ScheduledEvent.Kind) throws {
        if let line = Narration.line(for: kind, in: scenario) { narrate(now, line) }
        record(kind)
        switch kind {
        case .operate(let device, let operation): try operate(operation, on: device)
        case .use(let device, let bytes, let iccid, let country):
            try operate(.use(bytes, iccid: iccid, country: country), on: device)
        case .links:
            let silences = connectivity.silences
            apply(connectivity.apply(kind))
            if connectivity.silences < silences { convergence.restart(present, at: now) }
        case .loseSignal, .regainSignal: apply(connectivity.apply(kind))
        case .crash(let device):
            devices[device].end(withPower: false)
            apply(connectivity.apply(kind))
        case .restart(let device):
            try devices[device].disk.restart()
            apply(connectivity.apply(kind))
        case .befall(let device, let event): try befall(devices[device], event, kind)
        case .expect(let expectation): try ask(expectation)
        case .say: break
        }
    }

    /// Tells a device to do something, with the oracle as witness.
    ///
    /// What a device uses it reserves first; if it cannot, it does not use it.
    func operate(_ operation: FleetOperation, on index: Int) throws {
        let device = devices[index]
        guard connectivity.isActive(device: index) else { return }
        if case .use(let bytes, _, _) = operation,
            let missing = scenario.pool == nil ? nil : device.meter.shortfall(for: bytes)
        {
            guard try witnessed(.reserve(missing), on: device) else { return }
        }
        _ = try witnessed(operation, on: device)
    }

    /// - Returns: Whether the device acknowledged.
    private func witnessed(
        _ operation: FleetOperation, on device: SimulatedDevice
    ) throws -> Bool {
        let ticket = oracle.begin(operation, device: device.index, at: now)
        let before = recorder == nil ? LaneVectors() : device.vectors
        let outcome = try device.perform(operation, devices: deviceIDs)
        oracle.end(ticket, outcome, at: now)
        trace.note("\(device.name) \(operation) \(outcome)", at: now)
        record(operation, outcome, on: device, before)
        switch (operation, outcome) {
        case (_, .refused(let reason)):
            narrate(now, "\(device.name) refused: \(reason)")
            return false
        case (_, .failed(let reason)):
            narrate(now, "\(device.name) failed: \(reason)")
            // What may have been used counts as used, what may have been reserved as not reserved.
            if case .use(let bytes, _, _) = operation { device.meter.didUse(bytes) }
            return false
        case (.reserve, .acknowledged(let reserved?)): device.meter.didReserve(reserved)
        case (.use(let bytes, _, _), .acknowledged): device.meter.didUse(bytes)
        default: break
        }
        didChange(device, through: nil)
        return true
    }

    /// Lets something happen to a device from outside.
    private func befall(
        _ device: SimulatedDevice, _ event: Scenario.DeviceEvent, _ kind: ScheduledEvent.Kind
    ) throws {
        let changes = connectivity.apply(kind)
        switch event {
        case .pause: break
        case .resume: resume(device)
        case .powerCut: device.end(withPower: true)
        case .disk(let state): device.disk.set(state)
        case .clock(let change): device.clock.change(change)
        case .lose:
            device.end(withPower: false)
            oracle.lose(device.index, knownTo: try observations(of: present))
        case .join: try join(device)
        case .visit(let stranger): visit(device, by: stranger)
        }
        apply(changes)
    }

    /// A process goes on with what has come in meanwhile.
    func resume(_ device: SimulatedDevice) {
        for event in device.held { queue.schedule(event, at: now) }
        device.held = []
        convergence.restart(present, at: now)
    }

    /// A device makes itself a member.
    func join(_ device: SimulatedDevice) throws {
        let deviceClass = scenario.devices[device.index].deviceClass
        try device.store.write(at: device.clock.now) {
            try FleetChanges($0).joinFleet(name: device.name, deviceClass: deviceClass)
        }
    }

    /// What replicas say.
    func observations(of devices: [SimulatedDevice]) throws -> [DeviceObservation] {
        try devices.map { try $0.observe(devices: deviceIDs) }
    }

    /// Asks replicas, and reports an answer that is not the one that was expected.
    private func ask(_ expectation: Scenario.ValueExpectation) throws {
        let asked = expectation.device.map { [devices[$0]] } ?? present
        for (device, observation) in zip(asked, try observations(of: asked)) {
            guard
                let mistake = expectation.mistake(in: observation, names: scenario.deviceNames)
            else { continue }
            oracle.report(Violation(.expectation, at: now, "\(device.name): \(mistake)"))
        }
    }

    /// Looks whether two devices may use a right at once.
    ///
    /// Whoever had it before an override may not have heard of that; tokens tell the two apart.
    func watchRights(of device: SimulatedDevice) {
        guard !scenario.rights.isEmpty else { return }
        do {
            activeRights[device.index] = try device.activeRights()
        } catch {
            activeRights[device.index] = [:]
        }
        for right in scenario.rights {
            let active = devices.filter { activeRights[$0.index][right.name] != nil }
            let stretches = active.compactMap { activeRights[$0.index][right.name] }
                .map { [$0.term, $0.number] }
            guard Set(stretches).count < stretches.count else { continue }
            let names = active.map(\.name).joined(separator: " and ")
            oracle.report(Violation(.right, at: now, "\(names) may use \(right.name) at once"))
        }
    }
}
