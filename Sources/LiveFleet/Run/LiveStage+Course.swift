import FleetModel
import Simulator
import Synchronization

extension LiveStage {
    /// How long, in real time, the devices may take to become equal before the scenario begins.
    static let openingPatience: Duration = .seconds(60)
    /// The least real time that they are given at the end.
    private static let settlePatience: Duration = .seconds(20)

    /// The run from its opening to the judgement.
    func play(seed: UInt64) async throws -> RunReport {
        try await open()
        try await follow()
        let converged = try await settle()
        return try await judge(converged, seed: seed)
    }

    /// Everyone together: the fleet gets to know itself, its pool and its profiles.
    private func open() async throws {
        let count = present.count
        for link in scenario.links.indices where !connectivity.withLock({ $0.isUp(link: link) }) {
            proxies.setUp(false, link: link)
        }
        guard try await waitUntilEqual(within: Self.openingPatience, and: { $0 == count }) else {
            throw LiveError(.failure, "the devices did not find each other")
        }
        narrate("\(count) devices know each other; grants and profiles are next")
        var meter = Metering()
        for (device, operation) in scenario.opening {
            let outcome = try await operate(operation, on: device, &meter)
            if case .refused(let reason) = outcome {
                throw LiveError(.failure, "\(devices[device].name) refused: \(reason)")
            }
        }
        guard try await waitUntilEqual(within: Self.openingPatience) else {
            throw LiveError(.failure, "the devices did not become equal before the scenario")
        }
        phase.withLock { $0 = .underWay }
        clock.start()
        watch.reconnected()
    }

    /// The scenario itself, until its time is over and every device has done what it was told.
    private func follow() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var queues: [AsyncStream<Errand>.Continuation] = []
            for index in devices.indices {
                let (errands, queue) = AsyncStream.makeStream(of: Errand.self)
                queues.append(queue)
                group.addTask { try await self.run(errands, ofDevice: index) }
            }
            defer { for queue in queues { queue.finish() } }
            for event in schedule.events where event.at < scenario.duration {
                try await clock.sleep(until: event.at)
                bringAbout(event.kind, queues)
            }
            try await clock.sleep(until: scenario.duration)
            for queue in queues { queue.finish() }
            try await group.waitForAll()
        }
    }

    private func bringAbout(
        _ kind: ScheduledEvent.Kind, _ queues: [AsyncStream<Errand>.Continuation]
    ) {
        if let line = Narration.line(for: kind, in: scenario) { narrate(line) }
        let changes = connectivity.withLock { $0.apply(kind) }
        switch kind {
        case .operate(let device, let operation): send(.operate(operation), to: device, queues)
        case .use(let device, let bytes, let iccid, let country):
            send(.operate(.use(bytes, iccid: iccid, country: country)), to: device, queues)
        // A crash comes after what the device was told before, so right behind the last answer.
        case .crash(let device): queues[device].yield(.crash)
        case .restart(let device): queues[device].yield(.restart)
        case .loseSignal(let device, let loss): losses.withLock { $0[device] = loss }
        case .regainSignal(let device, _): losses.withLock { $0[device] = nil }
        case .befall(let device, let event): queues[device].yield(.befall(event))
        case .expect(let expectation):
            for device in expectation.device.map({ [$0] }) ?? present {
                queues[device].yield(.answer(expectation))
            }
        case .links, .say: break
        }
        apply(changes)
    }

    private func send(
        _ errand: Errand, to device: Int, _ queues: [AsyncStream<Errand>.Continuation]
    ) {
        guard connectivity.withLock({ $0.isActive(device: device) }) else { return }
        queues[device].yield(errand)
    }

    /// The faults are over; the fleet has to become equal in time.
    private func settle() async throws -> Bool {
        phase.withLock { $0 = .settling }
        let changes = connectivity.withLock { $0.healAll() }
        losses.withLock { losses in losses = losses.map { _ in nil } }
        if !changes.isEmpty { narrate("the end: every link restored, every device back") }
        for device in present {
            await devices[device].resume()
            await devices[device].restart()
        }
        apply(changes)
        let limit = max(scenario.settle / clock.timescale, Self.settlePatience)
        return try await waitUntilEqual(within: limit)
    }
}
