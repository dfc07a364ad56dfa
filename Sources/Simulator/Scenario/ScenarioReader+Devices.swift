import FleetModel

extension ScenarioReader {
    private static let devicesMax = 1000

    /// The names of all devices in file order; of the values only how many there are of each.
    static func deviceNames(of node: ScenarioNode) throws(InputError) -> [String] {
        var names: [String] = []
        for (key, value) in try node.entries("a name for each device") {
            let name = key.mistakes.attempt { () throws(InputError) in
                let name = try key.deviceName()
                guard name != "all" else {
                    throw key.mistake("a device cannot be called 'all', which means every one")
                }
                return name
            }
            // Also a name that is none may be meant elsewhere, which is no second mistake.
            names += copies(of: name ?? key.scalarText ?? "", value)
        }
        if let twice = Set(names).count == names.count ? nil : firstDuplicate(in: names) {
            throw node.mistake("two devices are called '\(twice)'")
        }
        guard (1...devicesMax).contains(names.count) else {
            throw node.mistake("a fleet has 1 to \(devicesMax) devices, found \(names.count)")
        }
        return names
    }

    private static func firstDuplicate(in names: [String]) -> String? {
        var seen: Set<String> = []
        return names.first { !seen.insert($0).inserted }
    }

    /// The names of an entry: its own, or with `count` that many, each with a number.
    private static func copies(of name: String, _ value: ScenarioNode) -> [String] {
        guard value.isMapping else { return [name] }
        let count = value.mistakes.attempt { () throws(InputError) in
            let entries = try value.entries("the device")
            guard let node = entries.first(where: { $0.key.scalarText == "count" })?.value
            else { return Int?.none }
            let count = try node.number()
            guard (1...devicesMax).contains(count) else {
                throw node.mistake("a count goes from 1 to \(devicesMax)")
            }
            return count
        }
        guard let count = count ?? nil else { return [name] }
        return (1...count).map { "\(name)-\($0)" }
    }

    /// All devices in file order.
    func devices() throws(InputError) -> [Scenario.Device] {
        var devices: [Scenario.Device] = []
        var lastShare: ScenarioNode?
        let before = mistakes.count
        for (key, value) in try root.required("devices").entries("a name for each device") {
            let read = mistakes.attempt { () throws(InputError) in
                let entry = try value.mapping(
                    "device '\(key.scalarText ?? "")'", keys: ScenarioKeys.device)
                lastShare = entry["share"] ?? lastShare
                return try device(key, entry)
            }
            if let read { devices += read }
        }
        // Shares of which one cannot be read do not add up either.
        if let lastShare, mistakes.count == before {
            try checkWhole(devices.compactMap(\.share), at: lastShare)
        }
        return devices
    }

    private func device(
        _ key: ScenarioNode, _ entry: ScenarioMapping
    ) throws(InputError) -> [Scenario.Device] {
        let deviceClass = try deviceClass(entry.required("class"))
        let share = try entry["share"]?.share()
        let handover = try entry["handover"].map(handover) ?? .byClass
        let usage = try entry["usage"].map(deviceUsage) ?? usage
        let profile = try entry["profile"]?.iccid()
        return ScenarioReader.copies(of: key.scalarText ?? "", entry.node).map { name in
            Scenario.Device(
                name: name, deviceClass: deviceClass, share: share, handover: handover,
                usage: usage, profile: profile, line: key.line)
        }
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
        let usage = try node.mapping("the usage", keys: ScenarioKeys.usage)
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
