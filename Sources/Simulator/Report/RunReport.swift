/// How a run went: one JSON object, the same for both kinds of run.
package struct RunReport: Codable, Hashable, Sendable {
    /// What passed over all links, as framed for TCP.
    package struct Wire: Codable, Hashable, Sendable {
        /// Bytes of both directions, each counted once, where it was sent.
        package var bytes: UInt64 = 0
        /// Protocol messages.
        package var messages: UInt64 = 0
        /// Connections on which something was said.
        package var sessions: UInt64 = 0

        package init() {}
    }

    /// The shared data at the end.
    package struct Pool: Codable, Hashable, Sendable {
        package var granted: UInt64
        package var reserved: UInt64
        package var used: UInt64

        package init(granted: UInt64, reserved: UInt64, used: UInt64) {
            self.granted = granted
            self.reserved = reserved
            self.used = used
        }
    }

    /// One device at the end.
    package struct Device: Codable, Hashable, Sendable {
        package var name: String
        package var digest: String
        /// What it recorded.
        package var usageBytes: UInt64
        /// What it may still reserve.
        package var rightsLeft: UInt64
        package var bytesSent: UInt64
        package var bytesReceived: UInt64

        package init(
            name: String, digest: String, usageBytes: UInt64, rightsLeft: UInt64,
            bytesSent: UInt64, bytesReceived: UInt64
        ) {
            self.name = name
            self.digest = digest
            self.usageBytes = usageBytes
            self.rightsLeft = rightsLeft
            self.bytesSent = bytesSent
            self.bytesReceived = bytesReceived
        }
    }

    package var scenario: String
    package var seed: UInt64
    /// Whether the replicas are equal and no rule was broken.
    package var passed: Bool { converged && violations.isEmpty }
    package var violations: [Violation]
    /// Whether all digests are equal at the end.
    package var converged: Bool
    /// From the last reconnection until every device had what any of them had at that moment:
    /// seconds of the scenario in virtual time, real seconds with real processes.
    ///
    /// Nothing if that did not happen.
    package var secondsToConverge: Double?
    /// Of everything that happened, in order; deterministic runs only.
    package var traceHash: String?
    package var wire: Wire
    package var pool: Pool
    package var devices: [Device]

    private enum CodingKeys: String, CodingKey {
        case scenario, seed, passed, violations, converged, secondsToConverge, traceHash, wire
        case pool, devices
    }

    package init(
        scenario: String, seed: UInt64, violations: [Violation], converged: Bool,
        secondsToConverge: Double?, traceHash: String?, wire: Wire, pool: Pool, devices: [Device]
    ) {
        self.scenario = scenario
        self.seed = seed
        self.violations = violations
        self.converged = converged
        self.secondsToConverge = secondsToConverge
        self.traceHash = traceHash
        self.wire = wire
        self.pool = pool
        self.devices = devices
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        scenario = try values.decode(String.self, forKey: .scenario)
        seed = try values.decode(UInt64.self, forKey: .seed)
        violations = try values.decode([Violation].self, forKey: .violations)
        converged = try values.decode(Bool.self, forKey: .converged)
        secondsToConverge = try values.decodeIfPresent(Double.self, forKey: .secondsToConverge)
        traceHash = try values.decodeIfPresent(String.self, forKey: .traceHash)
        wire = try values.decode(Wire.self, forKey: .wire)
        pool = try values.decode(Pool.self, forKey: .pool)
        devices = try values.decode([Device].self, forKey: .devices)
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(scenario, forKey: .scenario)
        try values.encode(seed, forKey: .seed)
        try values.encode(passed, forKey: .passed)
        try values.encode(violations, forKey: .violations)
        try values.encode(converged, forKey: .converged)
        try values.encode(secondsToConverge, forKey: .secondsToConverge)
        try values.encodeIfPresent(traceHash, forKey: .traceHash)
        try values.encode(wire, forKey: .wire)
        try values.encode(pool, forKey: .pool)
        try values.encode(devices, forKey: .devices)
    }
}

extension RunReport {
    /// Makes a report of what the replicas said at the end.
    ///
    /// Observations and devices are in the same order, and may be fewer than those of the scenario,
    /// in which each device has its index; of the shared data the first
    /// device's view is taken.
    package init(
        scenario: String, seed: UInt64, violations: [Violation], converged: Bool,
        secondsToConverge: Double?, traceHash: String?, wire: Wire,
        observations: [DeviceObservation],
        devices: [(index: Int, name: String, bytesSent: UInt64, bytesReceived: UInt64)]
    ) {
        let first = observations.first
        self.init(
            scenario: scenario, seed: seed, violations: violations, converged: converged,
            secondsToConverge: secondsToConverge, traceHash: traceHash, wire: wire,
            pool: Pool(
                granted: first?.granted ?? 0, reserved: first?.reserved.values.reduce(0, +) ?? 0,
                used: first?.used.values.reduce(0, +) ?? 0),
            devices: zip(devices, observations).map { device, observation in
                Device(
                    name: device.name, digest: observation.digest,
                    usageBytes: observation.used[device.index] ?? 0,
                    rightsLeft: observation.available[device.index] ?? 0,
                    bytesSent: device.bytesSent, bytesReceived: device.bytesReceived)
            })
    }
}
