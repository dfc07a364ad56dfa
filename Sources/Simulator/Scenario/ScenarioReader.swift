import FleetModel

/// Builds a scenario from the document of its file, checking as it goes.
///
/// Names of devices are read first, so that every section can resolve them.
struct ScenarioReader {
    let root: ScenarioMapping
    let duration: Duration
    let deviceNames: [String]
    let deviceIndexes: [String: Int]
    /// The workload of devices which say nothing else; `nil` for none.
    let usage: Scenario.Usage?

    init(root: ScenarioMapping) throws(InputError) {
        self.root = root
        let mistakes = root.node.mistakes
        let duration = mistakes.attempt { () throws(InputError) in
            try root.required("duration").positiveDuration("the duration")
        }
        // A duration that cannot be read is one mistake, and not another one in every step.
        self.duration = duration ?? .seconds(1 << 40)
        deviceNames = try ScenarioReader.deviceNames(of: root.required("devices"))
        deviceIndexes = Dictionary(
            uniqueKeysWithValues: deviceNames.enumerated().map { ($1, $0) })
        let standard = Scenario.Usage.standard
        let usage = mistakes.attempt { () throws(InputError) in
            try root["usage"].map { node throws(InputError) in
                try ScenarioReader.usage(node, base: standard)
            } ?? standard
        }
        self.usage = usage ?? standard
    }

    var mistakes: ScenarioMistakes { root.node.mistakes }

    /// Reads a section; one that has a mistake is noted, and something else stands for it.
    private func section<Value>(
        _ substitute: Value, _ read: () throws(InputError) -> Value?
    ) -> Value {
        (mistakes.attempt(read) ?? nil) ?? substitute
    }

    /// Reads all sections.
    ///
    /// - Throws: `InputError` for a mistake in how steps fit each other; mistakes in the sections
    ///   are noted.
    func read() throws(InputError) -> Scenario {
        let name = section("") { () throws(InputError) in
            try root.required("scenario").scenarioName()
        }
        let links = section([]) { () throws(InputError) in try self.links() }
        let rights = section([]) { () throws(InputError) in try self.rights() }
        let timeline = section([]) { () throws(InputError) in
            try self.timeline(links: links, rights: rights)
        }
        let scenario = Scenario(
            name: name,
            title: section(name) { () throws(InputError) in
                try root["title"]?.line("the title", limit: 200)
            },
            seed: section(1) { () throws(InputError) in try root["seed"]?.seed() },
            duration: duration,
            timescale: section(1) { () throws(InputError) in try root["timescale"]?.timescale() },
            settle: section(.seconds(600)) { () throws(InputError) in
                try root["settle"]?.positiveDuration("settle")
            },
            devices: section([]) { () throws(InputError) in try self.devices() },
            pool: section(nil) { () throws(InputError) in try self.pool() },
            profiles: section([]) { () throws(InputError) in try self.profiles() },
            rights: rights,
            links: links,
            timeline: timeline.map(\.step),
            trip: section(nil) { () throws(InputError) in try self.trip() },
            expectation: section(.none) { () throws(InputError) in try self.expectation(rights) })
        if mistakes.count == 0 {
            try ScenarioChecks(root: root, scenario: scenario, steps: timeline).run()
        }
        return scenario
    }

    /// The index of a device named by a scalar.
    func device(_ node: ScenarioNode) throws(InputError) -> Int {
        let name = try node.text("the name of a device")
        guard let index = deviceIndexes[name] else {
            let hint = Spelling.hint(for: name, among: deviceNames)
            throw node.mistake("unknown device '\(name)'\(hint)")
        }
        return index
    }

    /// The indexes of a list of different devices, at least one, in the order written.
    func devices(_ node: ScenarioNode) throws(InputError) -> [Int] {
        var indexes: [Int] = []
        for element in try node.list("device names") {
            let index = try device(element)
            guard !indexes.contains(index) else {
                throw element.mistake("device '\(deviceNames[index])' stands twice in the list")
            }
            indexes.append(index)
        }
        guard !indexes.isEmpty else { throw node.mistake("the list of devices is empty") }
        return indexes
    }

    /// Two different devices, the lower index first.
    func pair(_ node: ScenarioNode) throws(InputError) -> (a: Int, b: Int) {
        let pair = try devices(node)
        guard pair.count == 2 else {
            throw node.mistake("expected two devices [a, b], found \(pair.count)")
        }
        return (min(pair[0], pair[1]), max(pair[0], pair[1]))
    }
}

// The short sections.
extension ScenarioReader {
    private func pool() throws(InputError) -> Scenario.Pool? {
        guard let pool = try root["pool"]?.mapping("the pool", keys: ScenarioKeys.pool)
        else { return nil }
        return Scenario.Pool(
            grant: try pool.required("grant").positiveByteCount("the grant"),
            from: try pool["from"].map(device) ?? 0,
            valid: try pool["valid"]?.positiveDuration("valid") ?? Scenario.Pool.standardValidity)
    }

    private func profiles() throws(InputError) -> [Scenario.ProfileSeed] {
        var profiles: [Scenario.ProfileSeed] = []
        for node in try root["profiles"]?.list("profiles") ?? [] {
            let read = mistakes.attempt { () throws(InputError) in
                try profile(node, beside: profiles)
            }
            if let read { profiles.append(read) }
        }
        return profiles
    }

    private func profile(
        _ node: ScenarioNode, beside others: [Scenario.ProfileSeed]
    ) throws(InputError) -> Scenario.ProfileSeed {
        let profile = try node.mapping("the profile", keys: ScenarioKeys.profile)
        let iccidNode = try profile.required("iccid")
        let iccid = try iccidNode.iccid()
        guard !others.contains(where: { $0.iccid == iccid }) else {
            throw iccidNode.mistake("duplicate profile '\(iccid.digits)'")
        }
        return Scenario.ProfileSeed(
            iccid: iccid, fields: try profile.profileFields(),
            by: try profile["by"].map(device) ?? 0)
    }

    private func trip() throws(InputError) -> Scenario.Trip? {
        guard let trip = try root["trip"]?.mapping("the trip", keys: ScenarioKeys.trip) else {
            return nil
        }
        let itinerary = try trip.required("itinerary")
        return try TripData(for: itinerary, folder: trip["data"]).trip()
    }

    private func rights() throws(InputError) -> [Scenario.Right] {
        var rights: [Scenario.Right] = []
        for node in try root["rights"]?.list("rights") ?? [] {
            let right = try node.mapping("the right", keys: ScenarioKeys.right)
            let nameNode = try right.required("name")
            let name = try nameNode.line("the name of a right", limit: 64)
            guard !rights.contains(where: { $0.name == name }) else {
                throw nameNode.mistake("duplicate right '\(name)'")
            }
            rights.append(
                Scenario.Right(name: name, holder: try right["holder"].map(device) ?? 0))
        }
        return rights
    }

    private func expectation(
        _ rights: [Scenario.Right]
    ) throws(InputError) -> Scenario.Expectation {
        let expect = try root["expect"]?.mapping("expect", keys: ScenarioKeys.expect)
        var expectation = Scenario.Expectation()
        expectation.convergeWithin = try expect?["converge-within"]?
            .positiveDuration("converge-within")
        expectation.bytesAtMost = try expect?["bytes-at-most"]?.byteCount()
        expectation.conflictsAtLeast = try expect?["conflicts-at-least"]?.number() ?? 0
        expectation.refusals = try expect?["refusals"]?.numberRange()
        for node in try expect?["values"]?.list("values") ?? [] {
            let value = mistakes.attempt { () throws(InputError) in
                try self.value(node, rights, everyDevice: true)
            }
            if let value { expectation.values.append(value) }
        }
        return expectation
    }
}

extension Scenario.Pool {
    /// How long a grant is valid that does not say.
    static let standardValidity: Duration = .seconds(30 * 86_400)
}
