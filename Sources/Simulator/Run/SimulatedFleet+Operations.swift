import FleetModel
import ReplicaModel

extension SimulatedFleet {
    /// Brings about what the scenario says.
    func perform(_ kind: ScheduledEvent.Kind) throws {
        if let line = Narration.line(for: kind, in: scenario) { narrate(now, line) }
        record(kind)
        switch kind {
        case .operate(let device, let operation): try operate(operation, on: device)
        case .use(let device, let bytes, let iccid, let country):
            try operate(.use(bytes, iccid: iccid, country: country), on: device)
        case .links, .loseSignal, .regainSignal: apply(connectivity.apply(kind))
        case .crash: apply(connectivity.apply(kind))
        case .restart(let device):
            try devices[device].restart()
            apply(connectivity.apply(kind))
        case .say: break
        }
    }

    /// Tells a device to do something, with the oracle as witness.
    ///
    /// What a device uses it reserves first; if it cannot, it does not use it.
    func operate(_ operation: FleetOperation, on index: Int) throws {
        let device = devices[index]
        guard connectivity.isRunning(device: index) else { return }
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
        let outcome = try device.perform(operation, at: wall, devices: deviceIDs)
        oracle.end(ticket, outcome, at: now)
        trace.note("\(device.name) \(operation) \(outcome)", at: now)
        record(operation, outcome, on: device, before)
        switch (operation, outcome) {
        case (_, .refused(let reason)):
            narrate(now, "\(device.name) refused: \(reason)")
            return false
        case (.reserve, .acknowledged(let reserved?)): device.meter.didReserve(reserved)
        case (.use(let bytes, _, _), .acknowledged): device.meter.didUse(bytes)
        default: break
        }
        didChange(device, through: nil)
        return true
    }
}
