import FleetModel

/// Builds a scenario from the document of its file, checking as it goes.
///
/// Names of devices are read first, so that every section can resolve them.
struct ScenarioReader {
    static let keys = [
        "scenario", "title", "seed", "duration", "timescale", "settle", "trip", "devices", "pool",
        "profiles", "links", "usage", "timeline", "expect",
    ]

    let root: ScenarioMapping
    let duration: Duration
    let deviceNames: [String]
    let deviceIndexes: [String: Int]
    /// The workload of devices which say nothing else; `nil` for none.
    let usage: Scenario.Usage?

    init(root: ScenarioMapping) throws(InputError) {
        self.root = root
        duration = try root.required("duration").positiveDuration("the duration")
        deviceNames = try ScenarioReader.deviceNames(of: root.required("devices"))
        deviceIndexes = Dictionary(
            uniqueKeysWithValues: deviceNames.enumerated().map { ($1, $0) })
        let standard = Scenario.Usage.standard
        usage =
            try root["usage"].map { node throws(InputError) in
                try ScenarioReader.usage(node, base: standard)
            } ?? standard
    }

    /// Reads all sections.
    func read() throws(InputError) -> Scenario {
        let name = try root.required("scenario").scenarioName()
        let links = try links()
        let trip = try trip()
        let timeline = try timeline(links: links)
        let scenario = Scenario(
            name: name,
            title: try root["title"]?.line("the title", limit: 200) ?? name,
            seed: try root["seed"]?.seed() ?? 1,
            duration: duration,
            timescale: try root["timescale"]?.timescale() ?? 1,
            settle: try root["settle"]?.positiveDuration("settle") ?? .seconds(600),
            devices: try devices(),
            pool: try pool(),
            profiles: try profiles(),
            links: links,
            timeline: timeline.map(\.step),
            trip: trip,
            expectation: try expectation())
        try ScenarioChecks(root: root, scenario: scenario, steps: timeline).run()
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
        guard let pool = try root["pool"]?.mapping("the pool", keys: ["grant", "from", "valid"])
        else { return nil }
        return Scenario.Pool(
            grant: try pool.required("grant").positiveByteCount("the grant"),
            from: try pool["from"].map(device) ?? 0,
            valid: try pool["valid"]?.positiveDuration("valid") ?? Scenario.Pool.standardValidity)
    }

    private func profiles() throws(InputError) -> [Scenario.ProfileSeed] {
        var profiles: [Scenario.ProfileSeed] = []
        for node in try root["profiles"]?.list("profiles") ?? [] {
            let keys = ["iccid"] + ProfileField.names + ["by"]
            let profile = try node.mapping("the profile", keys: keys)
            let iccidNode = try profile.required("iccid")
            let iccid = try iccidNode.iccid()
            guard !profiles.contains(where: { $0.iccid == iccid }) else {
                throw iccidNode.mistake("duplicate profile '\(iccid.digits)'")
            }
            profiles.append(
                Scenario.ProfileSeed(
                    iccid: iccid, fields: try profile.profileFields(),
                    by: try profile["by"].map(device) ?? 0))
        }
        return profiles
    }

    private func trip() throws(InputError) -> Scenario.Trip? {
        guard let trip = try root["trip"]?.mapping("the trip", keys: ["itinerary", "data"]) else {
            return nil
        }
        let itinerary = try trip.required("itinerary")
        return try TripData(for: itinerary, folder: trip["data"]).trip()
    }

    private func expectation() throws(InputError) -> Scenario.Expectation {
        let expect = try root["expect"]?.mapping("expect", keys: ["converge-within"])
        return Scenario.Expectation(
            convergeWithin: try expect?["converge-within"]?.positiveDuration("converge-within"))
    }
}

extension Scenario.Pool {
    /// How long a grant is valid that does not say.
    static let standardValidity: Duration = .seconds(30 * 86_400)
}
