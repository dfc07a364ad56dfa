import FleetModel

// Operations that are the same in the file and in a run.
extension ScenarioReader {
    /// What a device does by an action of that name.
    func operation(
        _ name: String, _ entry: ScenarioMapping
    ) throws(InputError) -> FleetOperation {
        switch name {
        case "hand":
            return .hand(
                try amount(entry), to: try device(entry.required("to")),
                lease: try entry["lease"].map(lease))
        case "request": return .request(try amount(entry))
        case "close-part": return .closePart
        case "period":
            return .setPeriod(try entry.required("name").line("the name of a period", limit: 64))
        case "retire": return .retire(try device(entry.required("other")))
        case "write":
            return .write(
                record: try recordName(entry.required("record")),
                try entry.required("value").line("the value of a record", limit: 500))
        default: throw entry.node.mistake("unknown action '\(name)'")
        }
    }

    private func recordName(_ node: ScenarioNode) throws(InputError) -> String {
        try node.line("the name of a record", limit: 64)
    }

    /// For how long rights are handed on.
    func lease(_ node: ScenarioNode) throws(InputError) -> Scenario.LeaseTerms {
        let lease = try node.mapping("the lease", keys: ScenarioKeys.lease)
        return Scenario.LeaseTerms(
            length: try lease.required("for").positiveDuration("the lease"),
            topUpBelow: try lease["top-up-below"]?.byteCount() ?? .zero)
    }

    /// What a device does with a right; nothing if the action is none of those.
    func rightAction(
        _ name: String, _ value: ScenarioNode, _ rights: [Scenario.Right]
    ) throws(InputError) -> Scenario.Action? {
        guard ["offer", "accept", "decline", "override"].contains(name),
            let keys = ScenarioKeys.keys(ofAction: name)
        else { return nil }
        let entry = try value.mapping(name, keys: keys)
        let right = try rightName(entry.required("right"), rights)
        let action: FleetOperation.RightAction
        switch name {
        case "offer": action = .offer(to: try device(entry.required("to")))
        case "accept": action = .accept
        case "decline": action = .decline
        default:
            action = .override(
                to: try device(entry.required("to")),
                term: UInt64(try entry["term"]?.number() ?? 1))
        }
        return .operate(
            device: try device(entry.required("device")), .right(right, action))
    }

    private func rightName(
        _ node: ScenarioNode, _ rights: [Scenario.Right]
    ) throws(InputError) -> String {
        let name = try node.text("the name of a right")
        guard rights.contains(where: { $0.name == name }) else {
            let hint = Spelling.hint(for: name, among: rights.map(\.name))
            throw node.mistake("unknown right '\(name)'\(hint)")
        }
        return name
    }
}

// What happens to a device from outside.
extension ScenarioReader {
    /// A fault of a process, a disk, a clock or a whole device; nothing for any other action.
    func fault(
        _ name: String, _ value: ScenarioNode
    ) throws(InputError) -> Scenario.Action? {
        switch name {
        case "pause": return .befall(device: try device(value), .pause)
        case "resume": return .befall(device: try device(value), .resume)
        case "power-cut": return .befall(device: try device(value), .powerCut)
        case "lose": return .befall(device: try device(value), .lose)
        case "join": return .befall(device: try device(value), .join)
        case "disk", "clock", "visit":
            let entry = try value.mapping(name, keys: ScenarioKeys.keys(ofAction: name) ?? [])
            return .befall(
                device: try device(entry.required("device")), try detailed(name, entry))
        default: return nil
        }
    }

    private func detailed(
        _ name: String, _ entry: ScenarioMapping
    ) throws(InputError) -> Scenario.DeviceEvent {
        switch name {
        case "disk": return .disk(try entry.required("state").word("state of a disk"))
        case "visit": return .visit(try entry.required("by").word("stranger"))
        default: return .clock(try clockChange(entry))
        }
    }

    private func clockChange(_ entry: ScenarioMapping) throws(InputError) -> Scenario.ClockChange {
        let given = ["ahead", "behind", "shows"].filter { entry[$0] != nil }
        guard given.count == 1, let name = given.first, let node = entry[name] else {
            throw entry.unknown
                ?? entry.node.mistake("a clock needs one of ahead, behind, shows")
        }
        switch name {
        case "ahead": return .ahead(try node.duration())
        case "behind": return .behind(try node.duration())
        default:
            let word = try node.choice("state of a clock", of: ["frozen", "right"])
            return word == "right" ? .right : .frozen
        }
    }
}

extension ScenarioNode {
    /// A word out of those of a type.
    fileprivate func word<Word: RawRepresentable<String> & CaseIterable>(
        _ what: String
    ) throws(InputError) -> Word {
        let text = try choice(what, of: Word.allCases.map(\.rawValue))
        guard let word = Word(rawValue: text) else { throw mistake("unknown \(what) '\(text)'") }
        return word
    }
}

// What replicas have to say.
extension ScenarioReader {
    /// One question and its answer; `everyDevice` says whether all may be asked.
    func value(
        _ node: ScenarioNode, _ rights: [Scenario.Right], everyDevice: Bool
    ) throws(InputError) -> Scenario.ValueExpectation {
        let entry = try node.mapping("the expectation", keys: ScenarioKeys.value)
        let subjects = ["profile", "record", "right", "pool", "members"]
        let given = subjects.filter { entry[$0] != nil }
        guard given.count == 1, let name = given.first, let about = entry[name] else {
            throw entry.unknown
                ?? node.mistake("an expectation needs one of \(subjects.joined(separator: ", "))")
        }
        let device =
            everyDevice
            ? try entry["device"].map(device)
            : try device(
                entry.required("device"))
        return Scenario.ValueExpectation(
            device: device, subject: try subject(name, about, entry, rights), line: node.line)
    }

    private func subject(
        _ name: String, _ about: ScenarioNode, _ entry: ScenarioMapping, _ rights: [Scenario.Right]
    ) throws(InputError) -> Scenario.Subject {
        switch name {
        case "profile": return try profileSubject(about, entry)
        case "record":
            return .record(try recordName(about), are: try values(entry.required("is")))
        case "right":
            let holder = try entry.required("is")
            return .right(
                try rightName(about, rights),
                holder: holder.scalarText == "nobody" ? nil : try device(holder))
        case "pool":
            let figure: Scenario.PoolFigure = try about.word("figure of the pool")
            return .pool(figure, try range(entry))
        default: return .members(try about.number())
        }
    }

    private func profileSubject(
        _ about: ScenarioNode, _ entry: ScenarioMapping
    ) throws(InputError) -> Scenario.Subject {
        let fieldNode = try entry.required("field")
        let name = try fieldNode.choice("field", of: ProfileField.names)
        guard let field = ProfileField.allCases.first(where: { $0.name == name }) else {
            throw fieldNode.mistake("unknown field '\(name)'")
        }
        let value = try entry.required("is")
        // An empty value says that the field is not set, or that the profile is not there.
        return .profile(
            try about.iccid(), field, is: value.isEmpty ? nil : try value.value(of: field))
    }

    /// One value or a list of them, ascending.
    private func values(_ node: ScenarioNode) throws(InputError) -> [String] {
        if node.isEmpty { return [] }
        guard node.isList else { return [try node.line("a value", limit: 500)] }
        var values: [String] = []
        for element in try node.list("values") {
            values.append(try element.line("a value", limit: 500))
        }
        return values.sorted()
    }

    private func range(_ entry: ScenarioMapping) throws(InputError) -> ClosedRange<UInt64> {
        if let exact = try entry["is"]?.byteCount() { return exact.bytes...exact.bytes }
        let low = try entry["at-least"]?.byteCount().bytes
        let high = try entry["at-most"]?.byteCount().bytes
        guard low != nil || high != nil, low ?? 0 <= high ?? .max else {
            throw entry.node.mistake("an amount needs is, at-least or at-most")
        }
        return (low ?? 0)...(high ?? .max)
    }
}
