import FleetModel

extension ScenarioReader {
    private static let devicesMax = 1000

    /// The names of all devices in file order; values are not looked at.
    static func deviceNames(of node: ScenarioNode) throws(InputError) -> [String] {
        var names: [String] = []
        for (key, _) in try node.entries("a name for each device") {
            let name = try key.deviceName()
            guard name != "all" else {
                throw key.mistake("a device cannot be called 'all', which means every one")
            }
            names.append(name)
        }
        guard (1...devicesMax).contains(names.count) else {
            throw node.mistake("a fleet has 1 to \(devicesMax) devices, found \(names.count)")
        }
        return names
    }

    /// All devices in file order.
    func devices() throws(InputError) -> [Scenario.Device] {
        var devices: [Scenario.Device] = []
        var lastShare: ScenarioNode?
        for (key, value) in try root.required("devices").entries("a name for each device") {
            let name = try key.deviceName()
            let keys = ["class", "share", "handover", "usage", "profile"]
            let entry = try value.mapping("device '\(name)'", keys: keys)
            lastShare = entry["share"] ?? lastShare
            devices.append(
                Scenario.Device(
                    name: name,
                    deviceClass: try deviceClass(entry.required("class")),
                    share: try entry["share"]?.share(),
                    handover: try entry["handover"].map(handover) ?? .byClass,
                    usage: try entry["usage"].map(deviceUsage) ?? usage,
                    profile: try entry["profile"]?.iccid(),
                    line: key.line))
        }
        if let lastShare { try checkWhole(devices.compactMap(\.share), at: lastShare) }
        return devices
    }

    /// Reports shares that do not add up to 100 %.
    func checkWhole(_ shares: [Share], at node: ScenarioNode) throws(InputError) {
        do {
            try Share.checkWhole(shares)
        } catch {
            throw node.mistake(error.description)
        }
    }

    private func deviceClass(_ node: ScenarioNode) throws(InputError) -> DeviceClass {
        let classes = DeviceClass.allCases.map(\.rawValue)
        let word = try node.choice("class", of: classes)
        guard let found = DeviceClass(rawValue: word) else {
            throw node.mistake("unknown class '\(word)'")
        }
        return found
    }

    private func handover(_ node: ScenarioNode) throws(InputError) -> Scenario.Handover {
        let words = ["class", "stuck", "none"]
        switch try node.text("a duration, class, stuck or none") {
        case "class": return .byClass
        case "stuck": return .stuck
        case "none": return .notAffected
        case let word where word.first?.isLetter == true:
            let hint = Spelling.hint(for: word, among: words)
            throw node.mistake("unknown handover '\(word)'; expected a duration or a word\(hint)")
        default: return .fixed(try node.duration())
        }
    }

    private func deviceUsage(_ node: ScenarioNode) throws(InputError) -> Scenario.Usage? {
        try ScenarioReader.usage(node, base: usage ?? .standard)
    }

    /// A workload, or `nil` for `none`; keys which are not given are taken from `base`.
    static func usage(
        _ node: ScenarioNode, base: Scenario.Usage
    ) throws(InputError) -> Scenario.Usage? {
        if let word = node.scalarText {
            guard word == "none" else {
                throw node.mistake("expected none, or a mapping with every, bytes, country")
            }
            return nil
        }
        let usage = try node.mapping("the usage", keys: ["every", "bytes", "country"])
        return Scenario.Usage(
            every: try usage["every"]?.positiveDuration("the interval") ?? base.every,
            bytes: try usage["bytes"]?.byteRange() ?? base.bytes,
            country: try usage["country"]?.usageCountry() ?? base.country)
    }
}

extension Scenario.Usage {
    /// The workload of a scenario which does not say: about 3 MB in a minute.
    static let standard = Scenario.Usage(
        every: .seconds(20), bytes: ByteCount(200_000)...ByteCount(2_000_000), country: .fromTrip)
}
