/// When each device of a scenario loses its signal and gets it again.
///
/// Made before the run from the itinerary, the devices' classes and a seed, so that a deterministic
/// run and a run of real processes go through the same journey. The times are a model: there is no
/// border-crossing trace that may be passed on. `HandoverModel` holds its figures.
///
/// What it leaves out: the 15 s by which a modem reports the loss later than it happens, reject
/// causes and the retry timers behind a long handover (they are in its distribution), and how good
/// the signal is.
package struct SignalPlan: Sendable, Equatable {
    /// For each device, by its index, the losses in time order and without overlap.
    package let losses: [[SignalLoss]]
    /// For each device, the network at the start; `nil` without a trip.
    private let firstOperators: [Operator?]
    private let trip: Scenario.Trip?

    /// Plans all losses of a scenario.
    ///
    /// Every device draws from a stream of its own, so a device more changes nothing for the rest.
    package static func make(scenario: Scenario, random: SeededRandom) -> SignalPlan {
        guard let trip = scenario.trip else {
            let count = scenario.devices.count
            return SignalPlan(
                losses: Array(repeating: [], count: count),
                firstOperators: Array(repeating: nil, count: count), trip: nil)
        }
        var losses: [[SignalLoss]] = []
        var firstOperators: [Operator?] = []
        for (index, device) in scenario.devices.enumerated() {
            let frees = scenario.timeline.filter { $0.action == .free(index) }.map(\.at)
            var planner = DevicePlanner(
                trip: trip, device: device, end: scenario.duration, frees: frees,
                random: random.fork(label: "signal/\(device.name)"))
            losses.append(planner.plan())
            firstOperators.append(planner.firstOperator)
        }
        return SignalPlan(losses: losses, firstOperators: firstOperators, trip: trip)
    }

    /// Whether a device has a signal at a time, with the timeline's `free` steps done.
    package func hasSignal(device: Int, at time: Duration) -> Bool {
        !losses[device].contains { $0.covers(time) }
    }

    /// The network a device is registered with at a time, or was last, when it has no signal.
    ///
    /// `nil` without a trip.
    package func network(device: Int, at time: Duration) -> Operator? {
        let regained = losses[device].last { loss in
            guard let endsAt = loss.endsAt else { return false }
            return endsAt <= time
        }
        return regained?.toOperator ?? firstOperators[device]
    }

    /// The country that a device's use is counted for at a time when it follows the trip.
    ///
    /// That of its network; for a device that borders do not affect, where the travellers are;
    /// `ZZ` without a trip.
    package func country(device: Int, at time: Duration) -> String {
        guard let trip else { return "ZZ" }
        if let network = network(device: device, at: time) { return network.country }
        return trip.itinerary.position(at: time).country
    }
}
