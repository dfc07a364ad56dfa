package import FleetModel

extension Scenario {
    /// What a replica has to say when it is asked.
    package struct ValueExpectation: Sendable, Equatable {
        /// Who is asked; every device for `nil`.
        package let device: Int?
        /// What about, and the answer.
        package let subject: Subject
        /// The line in the file, for reports.
        package let line: Int
    }

    /// What a replica can be asked about, with what it has to answer.
    package enum Subject: Sendable, Equatable {
        /// A field of a profile; nothing where it is not set, or there is no such profile.
        case profile(ICCID, ProfileField, is: String?)
        /// All values of a record, ascending; more than one if they were written at once.
        case record(String, are: [String])
        /// Who may use a right; nobody while it is on offer.
        case right(String, holder: Int?)
        /// An amount of the shared data, in bytes.
        case pool(PoolFigure, ClosedRange<UInt64>)
        /// How many devices are members.
        case members(Int)
    }

    /// Amounts of the shared data, over all devices.
    package enum PoolFigure: String, Sendable, Equatable, CaseIterable {
        case granted, reserved, used, available
        /// Used in the billing period that is current.
        case usedInPeriod = "used-in-period"
    }
}

extension Scenario.ValueExpectation {
    /// What is wrong with what a replica says; nothing if it says what it has to.
    package func mistake(in observation: DeviceObservation, names: [String]) -> String? {
        let found: String
        let expected: String
        switch subject {
        case .profile(let iccid, let field, let value):
            let actual = observation.profiles[iccid.digits]?[field.name]
            guard actual != value else { return nil }
            found = "\(field) of …\(iccid.digits.suffix(5)) is \(actual.quoted)"
            expected = value.quoted
        case .record(let name, let values):
            let actual = observation.records[name] ?? []
            guard actual != values else { return nil }
            found = "record \(name) is \(actual)"
            expected = "\(values)"
        case .right(let name, let holder):
            let actual = observation.rights[name]
            guard actual != holder else { return nil }
            found = "\(name) is held by \(actual.map { names[$0] } ?? "nobody")"
            expected = holder.map { names[$0] } ?? "nobody"
        case .pool(let figure, let range):
            let actual = observation[figure]
            guard !range.contains(actual) else { return nil }
            found = "\(actual) bytes are \(figure.rawValue)"
            expected = "\(range.lowerBound) to \(range.upperBound)"
        case .members(let count):
            guard observation.members != count else { return nil }
            found = "\(observation.members) are members"
            expected = "\(count)"
        }
        return "\(found), expected \(expected) (line \(line))"
    }
}

extension DeviceObservation {
    fileprivate subscript(figure: Scenario.PoolFigure) -> UInt64 {
        switch figure {
        case .granted: granted
        case .reserved: reserved.values.reduce(0, +)
        case .used: used.values.reduce(0, +)
        case .usedInPeriod: usedInPeriod
        case .available: available.values.reduce(0, +)
        }
    }
}

extension String? {
    fileprivate var quoted: String { map { "'\($0)'" } ?? "not set" }
}
