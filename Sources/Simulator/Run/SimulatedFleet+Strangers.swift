extension SimulatedFleet {
    /// Lets a stranger talk to a device: nothing of it may have an effect.
    func visit(_ device: SimulatedDevice, by stranger: Stranger) {
        let visit = StrangerVisit(
            identity: device.identity, nonce: device.nonces.connection(), store: device.store,
            time: time)
        let outcome = visit.talk(stranger, &strangers)
        if outcome.goesOn {
            oracle.report(
                Violation(.live, at: now, "\(device.name) goes on with a stranger"))
        }
        if outcome.hasChanged {
            oracle.report(
                Violation(.intrusion, at: now, "\(device.name) was changed by a stranger"))
        }
        trace.note("\(device.name) visited: \(stranger.rawValue)", at: now)
    }
}
