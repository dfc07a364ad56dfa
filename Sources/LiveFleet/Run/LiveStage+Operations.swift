import DeviceControl
import FleetModel
import Simulator
import Synchronization

extension LiveStage {
    /// Something that one device goes through, after whatever it was told before.
    enum Errand: Sendable {
        case operate(FleetOperation)
        case crash
        case restart
        case befall(Scenario.DeviceEvent)
        case answer(Scenario.ValueExpectation)
    }

    /// Runs the errands of one device, one after the other.
    func run(_ errands: AsyncStream<Errand>, ofDevice index: Int) async throws {
        var meter = Metering()
        var isAtLimit = false
        for await errand in errands {
            switch errand {
            case .crash:
                await devices[index].crash()
                proxies.setPort(nil, ofDevice: index)
            case .restart: await devices[index].restart()
            case .befall(let event): try await befall(index, event)
            case .answer(let expectation):
                let observation = try await observe(index)
                let mistake = expectation.mistake(in: observation, names: scenario.deviceNames)
                if let mistake {
                    report(.expectation, "\(scenario.devices[index].name): \(mistake)")
                }
            case .operate(let operation):
                guard let missing = shortfall(operation, meter) else {
                    try await operate(operation, on: index, &meter)
                    continue
                }
                let outcome = try await operate(.reserve(missing), on: index, &meter)
                if case .acknowledged = outcome {
                    isAtLimit = false
                    try await operate(operation, on: index, &meter)
                } else if case .refused(let reason) = outcome, !isAtLimit {
                    isAtLimit = true
                    narrate("\(scenario.devices[index].name) is at its limit: \(reason)")
                }
            }
        }
    }

    /// Lets something happen to a device from outside.
    private func befall(_ index: Int, _ event: Scenario.DeviceEvent) async throws {
        let device = devices[index]
        switch event {
        case .pause: await device.pause()
        case .resume:
            await device.resume()
            watch.reconnected()
        case .lose:
            await device.crash()
            proxies.setPort(nil, ofDevice: index)
            watch.setPresent(false, device: index)
            var others: [DeviceObservation] = []
            for other in present where other != index { others.append(try await observe(other)) }
            oracle.withLock { [others] in $0.lose(index, knownTo: others) }
        case .join:
            watch.setPresent(true, device: index)
            await device.restart()
        // Scenarios with these are refused before the run.
        case .powerCut, .disk, .clock, .visit: break
        }
    }

    /// What has to be reserved before an operation; nothing where there is nothing to reserve from.
    private func shortfall(_ operation: FleetOperation, _ meter: Metering) -> ByteCount? {
        guard case .use(let bytes, _, _) = operation, scenario.pool != nil else { return nil }
        return meter.shortfall(for: bytes)
    }

    /// Has a device do something, with the oracle as witness.
    @discardableResult
    func operate(
        _ operation: FleetOperation, on index: Int, _ meter: inout Metering
    ) async throws -> OperationOutcome {
        let device = devices[index]
        let command = try DeviceCommand(
            operation, names: scenario.deviceNames, timescale: clock.timescale)
        try await device.waitUntilReady()
        let begun = clock.now
        let ticket = oracle.withLock { $0.begin(operation, device: index, at: begun) }
        let outcome: OperationOutcome
        do {
            let reply = try await device.perform(command)
            if case .failed(let failure) = reply, !failure.isMistake {
                report(.failure, "\(device.name): \(failure.message)")
            }
            outcome = OperationOutcome(reply)
        } catch is ControlConnection.Broken {
            outcome = .unknown
            narrate("\(device.name) ended before it answered: \(operation.text)")
        }
        let ended = clock.nextTick
        oracle.withLock { $0.end(ticket, outcome, at: ended) }
        note(operation, outcome, ofDevice: index, &meter)
        return outcome
    }

    private func note(
        _ operation: FleetOperation, _ outcome: OperationOutcome, ofDevice index: Int,
        _ meter: inout Metering
    ) {
        switch (operation, outcome) {
        case (.reserve, .acknowledged(let reserved?)): meter.didReserve(reserved)
        // What may have been used counts as used, what may have been reserved as not reserved.
        case (.use(let bytes, _, _), .acknowledged), (.use(let bytes, _, _), .unknown):
            meter.didUse(bytes)
        case (.reserve, .refused): break
        case (_, .refused(let reason)):
            narrate("\(scenario.devices[index].name) refused: \(reason)")
        default: break
        }
    }
}

extension FleetOperation {
    /// The kind of operation, for people.
    fileprivate var text: String {
        switch self {
        case .edit: "an edit"
        case .addProfile: "a new profile"
        case .removeProfile: "the removal of a profile"
        case .use: "a use of data"
        case .reserve: "a reservation"
        case .grant: "a grant"
        case .allocate: "an allocation"
        case .hand: "a transfer of rights"
        case .request: "a request for rights"
        case .closePart: "the closing of a part"
        case .setPeriod: "a new billing period"
        case .retire: "a retirement"
        case .write: "a record"
        case .right: "a step with a right"
        }
    }
}
