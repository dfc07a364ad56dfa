/// Makes sense of one line of a trace.
struct TraceLineReader {
    /// What a line may be about, and what may stand beside it.
    private static let kinds: [(kind: String, beside: [String])] = [
        ("trace", ["devices"]), ("load", ["at", "t"]), ("set", ["at", "t"]),
        ("allocation", ["at", "t"]), ("usage", ["at", "t"]), ("sync", ["t"]), ("open", ["t"]),
        ("close", ["t"]), ("flush", ["t"]), ("stabilize", ["t"]), ("measure", ["t"]),
        ("expect", ["t"]),
    ]

    /// The latest time: 47 bits, which is what timestamps of writes hold.
    private static let timeMax: Int64 = 0x7fff_ffff_ffff

    private let members: [TraceJSON.Member]
    private let kind: String
    private let content: TraceJSON
    private let end: Int
    private let devices: Int

    init(_ line: ArraySlice<UInt8>, devices: Int?) throws(TraceMistake) {
        let json = try TraceJSONParser.parse(line)
        guard case .object(let members) = json.content else {
            throw TraceMistake(at: json.offset, "an object expected, not \(json.noun)")
        }
        let found = members.compactMap { member in
            Self.kinds.first { $0.kind == member.key }.map { (kind: $0, member: member) }
        }
        guard let first = found.first else { throw Self.nothing(members, at: json.offset) }
        if found.count > 1 {
            throw TraceMistake(
                at: found[1].member.keyOffset,
                "a line is about one thing, not '\(first.kind.kind)' and '\(found[1].kind.kind)'")
        }
        for member in members where member.key != first.kind.kind {
            guard first.kind.beside.contains(member.key) else {
                let known = first.kind.beside.map { "'\($0)'" }.joined(separator: ", ")
                throw TraceMistake(
                    at: member.keyOffset,
                    "unknown key '\(member.key)'; beside '\(first.kind.kind)' may stand \(known)")
            }
        }
        self.members = members
        kind = first.kind.kind
        content = first.member.value
        end = json.offset
        self.devices = devices ?? 0
    }

    /// That a line is about nothing; a key that can stand nowhere was meant to say about what.
    private static func nothing(_ members: [TraceJSON.Member], at offset: Int) -> TraceMistake {
        let names = kinds.map(\.kind)
        let list = "a line has one of the keys '\(names.joined(separator: "', '"))'"
        let word = members.first { member in !kinds.contains { $0.beside.contains(member.key) } }
        guard let word else { return TraceMistake(at: offset, list) }
        let near = Spelling.nearest(to: word.key, among: names).map { "did you mean '\($0)'? " }
        return TraceMistake(at: word.keyOffset, "unknown key '\(word.key)'; \(near ?? "")\(list)")
    }

    /// Reads the first line.
    func header(file: String) throws(TraceMistake) -> ReplayTrace {
        guard kind == "trace" else {
            throw TraceMistake(
                at: end, "a trace begins with {\"trace\": NAME, \"devices\": N}")
        }
        let name = try text(content, "a name")
        let count = try required("devices")
        let devices = try whole(count, "a number of devices", in: 1...Int64(ReplayTrace.devicesMax))
        return ReplayTrace(name: name, devices: Int(devices), file: file)
    }

    /// Reads any other line.
    func line(number: Int) throws(TraceMistake) -> ReplayTrace.Line {
        let time: Int64? =
            if let value = value("t") {
                try whole(value, "milliseconds since 1970", in: 0...Self.timeMax)
            } else { nil }
        return ReplayTrace.Line(number: number, time: time, operation: try operation())
    }

    private func operation() throws(TraceMistake) -> ReplayTrace.Operation {
        switch kind {
        case "load": return try load()
        case "set":
            let parts = try list(content, "[ID, FIELD, VALUE]", count: 3)
            return .set(
                device: try author(), profile: try text(parts[0], "a profile's id"),
                field: try text(parts[1], "a field's name"), try value(of: parts[2]))
        case "allocation":
            let parts = try list(content, "[DEVICE, VALUE]", count: 2)
            return .allocation(
                device: try author(),
                .init(device: try device(parts[0]), value: try value(of: parts[1])))
        case "usage":
            return .usage(device: try author(), amount: try amount(content))
        case "sync": return try pair { .sync($0, $1) }
        case "open": return try pair { .open($0, $1) }
        case "close": return try pair { .close($0, $1) }
        case "flush": return try pair { .flush($0, $1) }
        case "stabilize":
            guard content.content == .bool(true) else {
                throw TraceMistake(at: content.offset, "true expected, not \(content.noun)")
            }
            return .stabilize
        case "measure":
            if content.content == .null { return .measure(nil) }
            return .measure(try text(content, "a label, or null"))
        case "expect": return try expectation()
        default: throw TraceMistake(at: end, "'\(kind)' may stand in the first line only")
        }
    }

    private func load() throws(TraceMistake) -> ReplayTrace.Operation {
        let parts = try members(content, ["profiles", "allocations"])
        var profiles: [ReplayTrace.ProfileRecord] = []
        var allocations: [ReplayTrace.Allocation] = []
        for part in parts {
            for member in try members(part.value, nil) {
                if part.key == "profiles" {
                    var fields: [ReplayTrace.Field] = []
                    for field in try members(member.value, nil) {
                        fields.append(.init(field.key, try value(of: field.value)))
                    }
                    profiles.append(.init(id: member.key, fields: fields))
                } else {
                    guard let number = Int(member.key), (0..<devices).contains(number) else {
                        throw noSuchDevice(member.key, at: member.keyOffset)
                    }
                    allocations.append(
                        .init(device: number, value: try value(of: member.value)))
                }
            }
        }
        return .load(device: try author(), profiles: profiles, allocations: allocations)
    }

    private func expectation() throws(TraceMistake) -> ReplayTrace.Operation {
        var equal: [Int] = []
        var usage: UInt64?
        for part in try members(content, ["equal", "usage"]) {
            if part.key == "usage" {
                usage = try amount(part.value)
            } else {
                for element in try list(part.value, "a list of devices", count: nil) {
                    equal.append(try device(element))
                }
            }
        }
        guard !equal.isEmpty else {
            throw TraceMistake(
                at: content.offset, "'equal' has to list at least one device whose state is meant")
        }
        return .expect(equal: equal, usage: usage)
    }

    private func pair(
        _ make: (Int, Int) -> ReplayTrace.Operation
    ) throws(TraceMistake) -> ReplayTrace.Operation {
        let parts = try list(content, "[DEVICE, DEVICE]", count: 2)
        let (a, b) = (try device(parts[0]), try device(parts[1]))
        guard a != b else {
            throw TraceMistake(at: content.offset, "a device does not connect to itself")
        }
        return make(a, b)
    }
}

extension TraceLineReader {
    private func value(_ key: String) -> TraceJSON? { members.first { $0.key == key }?.value }

    private func required(_ key: String) throws(TraceMistake) -> TraceJSON {
        guard let value = value(key) else {
            throw TraceMistake(at: end, "'\(key)' is missing beside '\(kind)'")
        }
        return value
    }

    private func author() throws(TraceMistake) -> Int { try device(required("at")) }

    private func device(_ value: TraceJSON) throws(TraceMistake) -> Int {
        guard case .integer(let number) = value.content else {
            throw TraceMistake(
                at: value.offset, "the number of a device expected, not \(value.noun)")
        }
        guard (0..<Int64(devices)).contains(number) else {
            throw noSuchDevice("\(number)", at: value.offset)
        }
        return Int(number)
    }

    private func noSuchDevice(_ text: String, at offset: Int) -> TraceMistake {
        TraceMistake(
            at: offset, "there is no device '\(text)'; the first line says 0 to \(devices - 1)")
    }

    private func whole(
        _ value: TraceJSON, _ what: String, in range: ClosedRange<Int64>
    ) throws(TraceMistake) -> Int64 {
        guard case .integer(let number) = value.content, range.contains(number) else {
            throw TraceMistake(
                at: value.offset,
                "\(what) expected: a whole number of \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }

    private func amount(_ value: TraceJSON) throws(TraceMistake) -> UInt64 {
        UInt64(try whole(value, "an amount in KiB", in: 0...Int64.max))
    }

    private func text(_ value: TraceJSON, _ what: String) throws(TraceMistake) -> String {
        guard case .string(let text) = value.content else {
            throw TraceMistake(at: value.offset, "\(what) expected, not \(value.noun)")
        }
        return text
    }

    private func value(of json: TraceJSON) throws(TraceMistake) -> RecordValue {
        switch json.content {
        case .string(let text): return .text(text)
        case .integer(let number): return .integer(number)
        default:
            throw TraceMistake(
                at: json.offset, "a value is a text or a whole number, not \(json.noun)")
        }
    }

    private func list(
        _ value: TraceJSON, _ what: String, count: Int?
    ) throws(TraceMistake) -> [TraceJSON] {
        guard case .array(let elements) = value.content, count ?? elements.count == elements.count
        else { throw TraceMistake(at: value.offset, "\(what) expected") }
        return elements
    }

    private func members(
        _ value: TraceJSON, _ known: [String]?
    ) throws(TraceMistake) -> [TraceJSON.Member] {
        guard case .object(let members) = value.content else {
            throw TraceMistake(at: value.offset, "an object expected, not \(value.noun)")
        }
        if let known, let other = members.first(where: { !known.contains($0.key) }) {
            throw TraceMistake(
                at: other.keyOffset,
                "unknown key '\(other.key)'; known are "
                    + known.map { "'\($0)'" }.joined(separator: ", "))
        }
        return members
    }
}
