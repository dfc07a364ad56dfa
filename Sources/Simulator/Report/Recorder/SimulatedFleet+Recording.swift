import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore
import SyncWire

/// What a simulated fleet tells its recorder, if there is one.
extension SimulatedFleet {
    /// The time of the scenario in milliseconds.
    var milliseconds: Int { now.wholeMilliseconds }

    /// Has everything recorded from now on, and people told.
    func record(with recorder: RunRecorder?, _ narrate: @escaping (Duration, String) -> Void) {
        self.recorder = recorder
        guard let recorder else {
            self.narrate = narrate
            return
        }
        recorder.begin(
            .scenario, name: scenario.name, title: scenario.title, seed: scenario.seed,
            devices: scenario.deviceNames, healedAt: scenario.duration.wholeMilliseconds,
            end: (scenario.duration + scenario.settle).wholeMilliseconds)
        self.narrate = { time, text in
            recorder.remark(text, at: time.wholeMilliseconds)
            narrate(time, text)
        }
    }

    /// Takes note of what the scenario brings about.
    func record(_ kind: ScheduledEvent.Kind) {
        guard let recorder else { return }
        let at = milliseconds
        func name(_ device: Int) -> String { scenario.devices[device].name }
        switch kind {
        case .crash(let device):
            recorder.state(.down, of: device, begins: true, at: at)
            recorder.mark(.crash, on: device, at: at, "killed")
        case .restart(let device):
            recorder.state(.down, of: device, begins: false, at: at)
            recorder.mark(.restart, on: device, at: at, "started again")
        case .loseSignal(let device, _):
            recorder.state(.unreachable, of: device, begins: true, at: at)
        case .regainSignal(let device, _):
            recorder.state(.unreachable, of: device, begins: false, at: at)
        case .befall(let device, let event): record(event, of: device, kind)
        case .say, .links:
            guard let line = Narration.line(for: kind, in: scenario) else { return }
            recorder.mark(.remark, on: -1, at: at, line)
        case .operate, .use, .expect: return
        }
    }

    private func record(
        _ event: Scenario.DeviceEvent, of device: Int, _ kind: ScheduledEvent.Kind
    ) {
        guard let recorder else { return }
        let at = milliseconds
        let text = Narration.line(for: kind, in: scenario) ?? ""
        switch event {
        case .pause: recorder.state(.paused, of: device, begins: true, at: at)
        case .resume: recorder.state(.paused, of: device, begins: false, at: at)
        case .powerCut: recorder.state(.down, of: device, begins: true, at: at)
        case .disk(let state):
            recorder.state(.trouble, of: device, begins: state != .healthy, at: at)
        case .lose: recorder.state(.gone, of: device, begins: true, at: at)
        case .clock, .join, .visit: break
        }
        recorder.mark(event == .powerCut ? .crash : .fault, on: device, at: at, text)
    }

    /// Takes note of what a device was told to do, and of what it answered.
    func record(
        _ operation: FleetOperation, _ outcome: OperationOutcome, on device: SimulatedDevice,
        _ before: LaneVectors
    ) {
        guard let recorder else { return }
        let text = Narration.text(for: operation, in: scenario)
        switch outcome {
        case .refused(let reason):
            return recorder.mark(
                .refusal, on: device.index, at: milliseconds, "\(text), refused: \(reason)")
        case .failed(let reason):
            return recorder.mark(
                .fault, on: device.index, at: milliseconds, "\(text), failed: \(reason)")
        case .acknowledged, .unknown: break
        }
        var kind = ReportDocument.MarkKind.operation
        switch operation {
        case .grant, .allocate, .hand, .request, .closePart, .right: kind = .rights
        case .edit(let iccid, let field, let value):
            append(deed: "\(field.name) '\(value)'", iccid, field, device, before)
        case .removeProfile(let iccid): append(deed: "removed", iccid, nil, device, before)
        case .addProfile, .use, .reserve, .setPeriod, .retire, .write: break
        }
        recorder.mark(kind, on: device.index, at: milliseconds, text)
        recorder.pool(
            granted: oracle.granted.least, reserved: oracle.reserved.reduce(0) { $0 + $1.least },
            used: oracle.used.reduce(0) { $0 + $1.least }, at: milliseconds)
    }

    private func append(
        deed text: String, _ iccid: ICCID, _ field: ProfileField?, _ device: SimulatedDevice,
        _ before: LaneVectors
    ) {
        guard let writer = device.store.durableWriter else { return }
        let dot = Dot(writer: writer, sequence: device.vectors[.settings][writer])
        recorder?.append(
            RecordedDeed(
                row: iccid.digits, field: field?.name, device: device.index,
                text: "…\(iccid.digits.suffix(5)) \(text)", lane: .settings, dot: dot,
                before: before))
    }

    /// Takes note that a device has come to hold something new.
    ///
    /// What it handed to others stands in its replica, which is read unless its disk is in trouble.
    func recordChange(of device: SimulatedDevice) {
        guard let recorder else { return }
        let vectors = device.vectors
        if !device.disk.isInTrouble, let writer = device.store.durableWriter,
            case let dot = Dot(writer: writer, sequence: vectors[.control][writer]),
            dot.sequence > 0, !recorder.has(device.index, .control, dot)
        {
            do {
                let grants = try device.store.read { try FleetView($0).pool(at: wall).grants }
                recorder.compareRights(
                    grants, of: device.index, devices: deviceIDs, by: dot, at: milliseconds)
            } catch {
                oracle.report(Violation(.failure, at: now, "\(device.name): \(error)"))
            }
        }
        recorder.advanced(device.index, to: vectors, at: milliseconds)
    }

    /// Takes note of what a connection carried.
    func recordEnd(of session: SimulatedSession) {
        guard let recorder else { return }
        for (side, end) in session.ends.enumerated() {
            recorder.sentByLane(
                { end.traffic.cellBytesSent[$0] }, from: session.link.device(of: side))
        }
    }

    /// Takes note that everybody runs and has a signal.
    func recordHealing() {
        guard let recorder else { return }
        for device in present {
            if !connectivity.isRunning(device: device.index) {
                recorder.mark(.restart, on: device.index, at: milliseconds, "started again")
            }
            for state in [ReportDocument.DeviceState.down, .unreachable, .paused, .trouble] {
                recorder.state(state, of: device.index, begins: false, at: milliseconds)
            }
        }
    }
}
