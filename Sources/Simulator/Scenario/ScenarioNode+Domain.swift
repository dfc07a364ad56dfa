import FleetModel

// Scalars that mean something in the travel domain.
extension ScenarioNode {
    /// The name of a device: lower-case letters, digits and `-`, at most 32.
    func deviceName() throws(InputError) -> String {
        let name = try text("the name of a device")
        let isPlain = name.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard isPlain, (1...32).contains(name.utf8.count) else {
            throw mistake(
                "'\(name)' is not a device name: 1 to 32 of the letters a-z, the digits and '-'")
        }
        return name
    }

    /// The name of a scenario, which also names files: a letter or digit, then also `.`, `-`, `_`.
    func scenarioName() throws(InputError) -> String {
        let name = try text("the name of the scenario")
        let isPlain = name.allSatisfy { letter in
            letter.isASCII && (letter.isLetter || letter.isNumber || "._-".contains(letter))
        }
        guard isPlain, (1...64).contains(name.utf8.count), name.first?.isPunctuation == false else {
            throw mistake(
                "'\(name)' is not a scenario name of letters, digits, '.', '-' and '_'; "
                    + "use 'title' for free text")
        }
        return name
    }

    /// An ICCID as written: 18 to 20 digits.
    ///
    /// The check digit is not demanded: ICCIDs without one exist, and with a wrong one too.
    func iccid() throws(InputError) -> ICCID {
        let text = try text("an ICCID")
        do {
            return try ICCID(text)
        } catch {
            throw mistake("'\(text)' is not an ICCID of 18 to 20 digits")
        }
    }

    /// Country and network code, `26201` or `262-01`, as digits.
    func plmn() throws(InputError) -> String {
        let text = try text("a network code such as 26201")
        var digits = Array(text.utf8)
        if digits.count > 3, digits[3] == UInt8(ascii: "-") { digits.remove(at: 3) }
        guard (5...6).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else {
            throw mistake("'\(text)' is not a network code of 5 or 6 digits such as 26201")
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Where use is counted: `from-trip`, or two capital letters.
    func usageCountry() throws(InputError) -> Scenario.UsageCountry {
        let text = try text("a country")
        if text == "from-trip" { return .fromTrip }
        guard text.utf8.count == 2, text.utf8.allSatisfy({ (65...90).contains($0) }) else {
            throw mistake(
                "'\(text)' is not a country of two capital letters such as CH, or from-trip")
        }
        return .fixed(text)
    }

    /// The value of one field of a profile, in the form that `FleetChanges` takes.
    func value(of field: ProfileField) throws(InputError) -> String {
        switch field {
        case .nickname: try line("the nickname", limit: 64)
        case .provider: try line("the provider", limit: 32)
        case .homePLMN: try plmn()
        case .apn: try line("the APN", limit: 100)
        case .roaming: try boolean() ? "true" : "false"
        }
    }
}

extension ScenarioMapping {
    /// The fields of a profile that the mapping gives.
    func profileFields() throws(InputError) -> [ProfileField: String] {
        var fields: [ProfileField: String] = [:]
        for field in ProfileField.allCases {
            guard let node = self[field.name] else { continue }
            fields[field] = try node.value(of: field)
        }
        return fields
    }
}

extension ProfileField {
    /// The names of all fields, as keys of a profile.
    static let names = allCases.map(\.name)
}
