extension ReplayTrace {
    /// The trace as JSON lines, which `ReplayTrace.load` reads back.
    package func text() -> String {
        var text = "{\"trace\":\(Self.quoted(name)),\"devices\":\(devices)}\n"
        for line in lines {
            let time = line.time.map { ",\"t\":\($0)" } ?? ""
            text += "{\(line.operation.members)\(time)}\n"
        }
        return text
    }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

extension ReplayTrace.Operation {
    /// What stands between the braces of a line, but for the time.
    fileprivate var members: String {
        switch self {
        case .load(let device, let profiles, let allocations):
            let records = profiles.map { profile in
                let fields = profile.fields.map {
                    "\(ReplayTrace.quoted($0.name)):\($0.value.text)"
                }
                return "\(ReplayTrace.quoted(profile.id)):{\(fields.joined(separator: ","))}"
            }
            let shares = allocations.map { "\"\($0.device)\":\($0.value.text)" }
            return "\"at\":\(device),\"load\":{\"profiles\":{\(records.joined(separator: ","))},"
                + "\"allocations\":{\(shares.joined(separator: ","))}}"
        case .set(let device, let profile, let field, let value):
            return "\"at\":\(device),\"set\":[\(ReplayTrace.quoted(profile)),"
                + "\(ReplayTrace.quoted(field)),\(value.text)]"
        case .allocation(let device, let allocation):
            return "\"at\":\(device),"
                + "\"allocation\":[\(allocation.device),\(allocation.value.text)]"
        case .usage(let device, let amount): return "\"at\":\(device),\"usage\":\(amount)"
        case .sync(let a, let b): return "\"sync\":[\(a),\(b)]"
        case .open(let a, let b): return "\"open\":[\(a),\(b)]"
        case .close(let a, let b): return "\"close\":[\(a),\(b)]"
        case .flush(let a, let b): return "\"flush\":[\(a),\(b)]"
        case .stabilize: return "\"stabilize\":true"
        case .measure(let label): return "\"measure\":\(label.map(ReplayTrace.quoted) ?? "null")"
        case .expect(let equal, let usage):
            let list = equal.map { "\($0)" }.joined(separator: ",")
            return "\"expect\":{\"equal\":[\(list)]\(usage.map { ",\"usage\":\($0)" } ?? "")}"
        }
    }
}

extension RecordValue {
    /// The value in JSON.
    fileprivate var text: String {
        switch self {
        case .text(let text): ReplayTrace.quoted(text)
        case .integer(let number): "\(number)"
        }
    }
}
