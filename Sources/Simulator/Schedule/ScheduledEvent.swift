package import FleetModel

/// What a scenario brings about at one moment, without what follows from it.
package struct ScheduledEvent: Sendable {
    /// Since the start of the scenario.
    package let at: Duration
    /// What happens.
    package let kind: Kind

    /// The kinds of events.
    package enum Kind: Sendable {
        /// A device does something.
        case operate(device: Int, FleetOperation)
        /// A device uses data by its steady workload.
        case use(device: Int, ByteCount, iccid: String, country: String)
        /// Links are cut or restored by the timeline.
        case links(Scenario.Action)
        /// A device loses its signal.
        case loseSignal(device: Int, SignalLoss)
        /// A device has a signal again.
        case regainSignal(device: Int, SignalLoss)
        /// A device's process ends at once.
        case crash(device: Int)
        /// A device's process starts again.
        case restart(device: Int)
        /// Something happens to a device from outside.
        case befall(device: Int, Scenario.DeviceEvent)
        /// Replicas are asked.
        case expect(Scenario.ValueExpectation)
        /// A line for people.
        case say(String)
    }
}

/// Everything that a scenario brings about, in order, drawn from one seed.
///
/// Both kinds of run follow the same schedule, so that a deterministic run and real processes go
/// through the same journey.
package struct Schedule: Sendable {
    /// The events, ascending by time; events of one moment stand in the order of the file.
    package let events: [ScheduledEvent]
    /// When which device has a signal.
    package let signals: SignalPlan

    /// Draws the schedule of a scenario.
    package init(of scenario: Scenario, random: SeededRandom) {
        let signals = SignalPlan.make(scenario: scenario, random: random)
        var events: [ScheduledEvent] = []
        for step in scenario.timeline {
            if let kind = Self.kind(of: step, in: scenario, signals) {
                events.append(ScheduledEvent(at: step.at, kind: kind))
            }
        }
        for (device, losses) in signals.losses.enumerated() {
            events += Self.signalEvents(of: device, losses)
        }
        for device in scenario.devices.indices {
            events += Self.uses(of: device, in: scenario, signals, random)
        }
        self.signals = signals
        // Sorting has to keep the order of equal times, which the standard sort does not promise.
        self.events = events.enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    private static func kind(
        of step: Scenario.Step, in scenario: Scenario, _ signals: SignalPlan
    ) -> ScheduledEvent.Kind? {
        switch step.action {
        case .cut, .restore, .split, .silence, .heal: .links(step.action)
        // The signal plan already ends a loss at the step that frees the device.
        case .free: nil
        case .edit(let device, let iccid, let field, let value):
            .operate(device: device, .edit(iccid, field, value))
        case .addProfile(let device, let iccid, let fields):
            .operate(device: device, .addProfile(iccid, fields))
        case .removeProfile(let device, let iccid):
            .operate(device: device, .removeProfile(iccid))
        case .use(let device, let bytes, let country):
            .operate(
                device: device,
                .use(
                    bytes, iccid: scenario.devices[device].profile?.digits ?? "",
                    country: signals.country(country, device: device, at: step.at)))
        case .reserve(let device, let bytes): .operate(device: device, .reserve(bytes))
        case .grant(let device, let bytes, let valid):
            .operate(device: device, .grant(bytes, valid: valid))
        case .allocate(let device, let shares, let lease):
            .operate(device: device, .allocate(shares, lease: lease))
        case .operate(let device, let operation): .operate(device: device, operation)
        case .befall(let device, let event): .befall(device: device, event)
        case .expect(let expectation): .expect(expectation)
        case .crash(let device): .crash(device: device)
        case .restart(let device): .restart(device: device)
        case .say(let text): .say(text)
        }
    }

    private static func signalEvents(
        of device: Int, _ losses: [SignalLoss]
    ) -> [ScheduledEvent] {
        losses.flatMap { loss in
            [ScheduledEvent(at: loss.loseAt, kind: .loseSignal(device: device, loss))]
                + (loss.endsAt.map {
                    [ScheduledEvent(at: $0, kind: .regainSignal(device: device, loss))]
                } ?? [])
        }
    }

    private static func uses(
        of device: Int, in scenario: Scenario, _ signals: SignalPlan, _ random: SeededRandom
    ) -> [ScheduledEvent] {
        guard let usage = scenario.devices[device].usage else { return [] }
        var random = random.fork(label: "usage/\(scenario.devices[device].name)")
        var events: [ScheduledEvent] = []
        var at = random.uniform(in: .zero...usage.every)
        while at < scenario.duration {
            events.append(
                ScheduledEvent(
                    at: at,
                    kind: .use(
                        device: device, usage.amount(using: &random),
                        iccid: scenario.devices[device].profile?.digits ?? "",
                        country: signals.country(usage.country, device: device, at: at))))
            at += usage.interval(using: &random)
        }
        return events
    }
}

extension SignalPlan {
    fileprivate func country(
        _ country: Scenario.UsageCountry, device: Int, at time: Duration
    ) -> String {
        switch country {
        case .fixed(let country): country
        case .fromTrip: self.country(device: device, at: time)
        }
    }
}
