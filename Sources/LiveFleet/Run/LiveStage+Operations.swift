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
        let command = DeviceCommand(
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
        }
    }
}
