import FleetModel

extension ScenarioReader {
    /// A step and where it stands in the file.
    typealias PlacedStep = (step: Scenario.Step, node: ScenarioNode)

    /// All steps by time; steps at the same time in file order.
    func timeline(
        links: [Scenario.Link], rights: [Scenario.Right]
    ) throws(InputError) -> [PlacedStep] {
        var steps: [PlacedStep] = []
        for node in try root["timeline"]?.list("steps") ?? [] {
            let read = mistakes.attempt { () throws(InputError) in
                try step(node, links, rights)
            }
            if let read { steps.append((read, node)) }
        }
        // The standard sort is stable, but does not promise it: the index decides.
        let order = steps.indices.sorted { (steps[$0].step.at, $0) < (steps[$1].step.at, $1) }
        return order.map { steps[$0] }
    }

    private func step(
        _ node: ScenarioNode, _ links: [Scenario.Link], _ rights: [Scenario.Right]
    ) throws(InputError) -> Scenario.Step {
        let names = ScenarioKeys.actionNames
        let mapping = try node.mapping("the step", keys: ScenarioKeys.step)
        let atNode = try mapping.required("at")
        let at = try atNode.duration()
        guard at <= duration else {
            throw atNode.mistake(
                "\(at.scenarioText) is past the end of the scenario at \(duration.scenarioText)")
        }
        let given = names.filter { mapping[$0] != nil }
        guard let name = given.first, let value = mapping[name] else {
            throw mapping.unknown
                ?? node.mistake(
                    "the step does nothing: it needs one of \(names.joined(separator: ", "))")
        }
        guard given.count == 1 else {
            throw node.mistake(
                "a step does one thing, this one \(given.joined(separator: " and ")): "
                    + "write two steps at the same time")
        }
        let action = try action(name, value, links, rights)
        return Scenario.Step(at: at, action: action, line: node.line)
    }

    private func action(
        _ name: String, _ value: ScenarioNode, _ links: [Scenario.Link], _ rights: [Scenario.Right]
    ) throws(InputError) -> Scenario.Action {
        if let action = try linkAction(name, value, links: links) { return action }
        if name == "expect" { return .expect(try self.value(value, rights, everyDevice: false)) }
        if let action = try fault(name, value) { return action }
        if let action = try rightAction(name, value, rights) { return action }
        return try deviceAction(name, value)
    }

    /// Actions about links and processes; `nil` for any other.
    private func linkAction(
        _ name: String, _ value: ScenarioNode, links: [Scenario.Link]
    ) throws(InputError) -> Scenario.Action? {
        switch name {
        case "cut": return .cut(try selection(value, links: links))
        case "restore": return .restore(try selection(value, links: links))
        case "split": return .split(try groups(value))
        case "silence": return try silence(value, links: links)
        case "heal":
            _ = try value.choice("extent of heal", of: ["all"])
            return .heal
        case "free": return .free(try device(value))
        case "crash": return .crash(try device(value))
        case "restart": return .restart(try device(value))
        case "say": return .say(try value.line("the remark", limit: 500))
        default: return nil
        }
    }

    /// Actions by which a device changes what the fleet shares.
    private func deviceAction(
        _ name: String, _ value: ScenarioNode
    ) throws(InputError) -> Scenario.Action {
        guard let keys = ScenarioKeys.keys(ofAction: name) else {
            throw value.mistake("unknown action '\(name)'")
        }
        let entry = try value.mapping(name, keys: keys)
        let device = try device(entry.required("device"))
        switch name {
        case "edit":
            return try edit(entry, by: device)
        case "add-profile":
            return .addProfile(
                device: device, iccid: try entry.required("iccid").iccid(),
                fields: try entry.profileFields())
        case "remove-profile":
            return .removeProfile(device: device, iccid: try entry.required("profile").iccid())
        case "use":
            return .use(
                device: device, bytes: try amount(entry),
                country: try entry["country"]?.usageCountry() ?? .fromTrip)
        case "reserve":
            return .reserve(device: device, bytes: try amount(entry))
        case "grant":
            let valid = try entry["valid"]?.positiveDuration("valid")
            return .grant(
                device: device, bytes: try amount(entry),
                valid: valid ?? Scenario.Pool.standardValidity)
        case "allocate":
            return .allocate(
                device: device, shares: try shares(entry.required("shares")),
                lease: try entry["lease"].map(lease))
        default: return .operate(device: device, try operation(name, entry))
        }
    }

    func amount(_ entry: ScenarioMapping) throws(InputError) -> ByteCount {
        try entry.required("bytes").positiveByteCount("the amount")
    }

    private func edit(
        _ entry: ScenarioMapping, by device: Int
    ) throws(InputError) -> Scenario.Action {
        let iccid = try entry.required("profile").iccid()
        let fieldNode = try entry.required("field")
        let name = try fieldNode.choice("field", of: ProfileField.names)
        guard let field = ProfileField.allCases.first(where: { $0.name == name }) else {
            throw fieldNode.mistake("unknown field '\(name)'")
        }
        let value = try entry.required("value").value(of: field)
        return .edit(device: device, iccid: iccid, field: field, value: value)
    }

    private func shares(_ node: ScenarioNode) throws(InputError) -> [Scenario.DeviceShare] {
        var shares: [Scenario.DeviceShare] = []
        for (key, value) in try node.entries("a share for each device") {
            shares.append(Scenario.DeviceShare(device: try device(key), share: try value.share()))
        }
        try checkWhole(shares.map(\.share), at: node)
        return shares
    }
}

// Which links, and which groups.
extension ScenarioReader {
    private func selection(
        _ node: ScenarioNode, links: [Scenario.Link]
    ) throws(InputError) -> Scenario.LinkSelection {
        if node.isList { return .devices(try devices(node)) }
        if node.isMapping {
            let between = try node.mapping("the link", keys: ScenarioKeys.link).required("between")
            let link = links[try linkIndex(between, in: links)]
            return .between(link.a, link.b)
        }
        let word = try node.text("all, a device, a list of devices or {between: [a, b]}")
        return word == "all" ? .all : .devices([try device(node)])
    }

    private func silence(
        _ node: ScenarioNode, links: [Scenario.Link]
    ) throws(InputError) -> Scenario.Action {
        let mapping = try node.mapping(
            "the silence", keys: ScenarioKeys.keys(ofAction: "silence") ?? [])
        let from = try device(mapping.required("from"))
        let toNode = try mapping.required("to")
        let to = try device(toNode)
        guard links.contains(where: { $0.a == min(from, to) && $0.b == max(from, to) }) else {
            throw toNode.mistake(
                "there is no link between '\(deviceNames[from])' and '\(deviceNames[to])' in this "
                    + "topology")
        }
        return .silence(from: from, to: to)
    }

    /// The groups as written, then one of all devices that are not named.
    private func groups(_ node: ScenarioNode) throws(InputError) -> [[Int]] {
        var groups: [[Int]] = []
        var named: Set<Int> = []
        for element in try node.list("groups of devices, each a list [a, b]") {
            let group = try devices(element)
            if let twice = group.first(where: { !named.insert($0).inserted }) {
                throw element.mistake("device '\(deviceNames[twice])' is in two groups")
            }
            groups.append(group)
        }
        let rest = deviceNames.indices.filter { !named.contains($0) }
        if !rest.isEmpty { groups.append(rest) }
        guard groups.count > 1 else {
            throw node.mistake("the split leaves all devices in one group")
        }
        return groups
    }
}
