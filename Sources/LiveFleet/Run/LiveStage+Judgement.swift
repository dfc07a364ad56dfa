import DeviceControl
import FleetModel
import Simulator
import Synchronization

extension LiveStage {
    /// How long a device may take to answer at the end, should it just have been started again.
    private static let answerPatience: Duration = .seconds(15)

    /// Compares what the replicas say with what was acknowledged.
    func judge(_ converged: Bool, seed: UInt64) async throws -> RunReport {
        let present = present
        var observations: [DeviceObservation] = []
        for index in present { observations.append(try await observe(index)) }
        let names = present.map { scenario.devices[$0].name }
        let traffic = proxies.traffic
        let wire = wire(traffic)
        let elapsed = watch.timeToConverge
        let now = clock.now
        // Processes and networks do not run faster because the scenario does: real seconds count.
        oracle.withLock { [observations] oracle in
            oracle.judge(observations, named: names, at: now)
            oracle.judge(
                scenario.expectation, observations, named: names, elapsed: elapsed,
                bytes: wire.bytes, at: now)
        }
        return RunReport(
            scenario: scenario.name, seed: seed,
            violations: oracle.withLock { $0.violations },
            converged: converged, secondsToConverge: elapsed?.roundedSeconds, traceHash: nil,
            wire: wire, observations: observations,
            devices: present.map { index in
                let (sent, received) = bytes(ofDevice: index, traffic)
                return (index, scenario.devices[index].name, sent, received)
            })
    }

    // MARK: What devices say

    /// All that a device says at the end.
    private struct Description {
        let status: DeviceStatus
        let usage: [UsageDescription]
        let profiles: [ProfileDescription]

        /// Devices are told apart by their names, which are those of the scenario.
        func observation(_ names: [String]) -> DeviceObservation {
            let indexes = Dictionary(
                names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            let own = Dictionary(
                status.pool.devices.compactMap { allowance in
                    indexes[allowance.name].map { (allowance.device, $0) }
                }, uniquingKeysWith: { first, _ in first })
            return observation(own)
        }

        private func observation(_ indexes: [String: Int]) -> DeviceObservation {
            var observation = DeviceObservation(
                digest: status.digest, used: [:], granted: status.pool.granted, reserved: [:],
                available: [:], profiles: [:])
            for allowance in status.pool.devices {
                guard let index = indexes[allowance.device] else { continue }
                observation.reserved[index] = allowance.reserved
                observation.available[index] = allowance.available
            }
            for entry in usage {
                guard let index = indexes[entry.device] else { continue }
                observation.used[index, default: 0] += entry.received + entry.sent
            }
            for profile in profiles { observation.profiles[profile.iccid] = profile.fields }
            observation.usedInPeriod = status.pool.devices.reduce(0) { $0 + $1.used }
            observation.members = status.members
            return observation
        }
    }

    /// What a device says.
    func observe(_ index: Int) async throws -> DeviceObservation {
        try await describe(devices[index]).observation(scenario.deviceNames)
    }

    private func describe(_ device: LiveDevice) async throws -> Description {
        let end = ContinuousClock.now + Self.answerPatience
        while ContinuousClock.now < end {
            if case .status(let status) = try await device.observe(.status),
                case .usage(let usage) = try await device.observe(.usageList),
                case .profiles(let profiles) = try await device.observe(.profileList)
            {
                return Description(status: status, usage: usage, profiles: profiles)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw LiveError(.failure, "\(device.name) does not say how its replica is")
    }

    // MARK: What passed over the links

    private func wire(_ traffic: [LinkTraffic]) -> RunReport.Wire {
        var wire = RunReport.Wire()
        for link in traffic {
            for direction in [link.forward, link.backward] {
                wire.bytes += direction.sent
                wire.messages += direction.messages
            }
            wire.sessions += link.sessions
        }
        return wire
    }

    private func bytes(
        ofDevice index: Int, _ traffic: [LinkTraffic]
    ) -> (sent: UInt64, received: UInt64) {
        var sent: UInt64 = 0
        var received: UInt64 = 0
        for (link, passed) in zip(scenario.links, traffic) {
            if link.a == index {
                sent += passed.forward.sent
                received += passed.backward.received
            } else if link.b == index {
                sent += passed.backward.sent
                received += passed.forward.received
            }
        }
        return (sent, received)
    }
}
