import FleetModel

extension Oracle {
    /// Two writes count as ordered only if this lies between the end of the one and the beginning
    /// of the other: clocks count milliseconds.
    private static var resolution: Duration { .milliseconds(2) }

    /// Compares what the replicas say at the end, when they have had time to converge, with what
    /// was acknowledged.
    ///
    /// - Parameters:
    ///   - observations: Of every device that is left.
    ///   - names: Who made them; all devices by default.
    ///   - time: When they were made.
    package mutating func judge(
        _ observations: [DeviceObservation], named names: [String]? = nil, at time: Duration
    ) {
        let names = names ?? deviceNames
        for (name, observation) in zip(names, observations) {
            for message in mistakes(in: observation) {
                report(Violation(.durable, at: time, "\(name): \(message)"))
            }
            let sum = observation.reserved.values.reduce(0, +)
            let rest = observation.available.values.reduce(0, +)
            if sum > observation.granted {
                report(
                    Violation(
                        .pool, at: time,
                        "\(name) counts \(sum) bytes reserved of "
                            + "\(observation.granted) granted"))
            } else if sum + rest > observation.granted
                || !rightsMayEnd && sum + rest != observation.granted
            {
                report(
                    Violation(
                        .pool, at: time,
                        "\(name): \(sum) reserved and \(rest) left do not make "
                            + "\(observation.granted) granted"))
            }
        }
        let digests = Set(observations.map(\.digest))
        if digests.count > 1 {
            let list = zip(names, observations).map { name, observation in
                "\(name) \(observation.digest)"
                    + (observation.writes.map { " after \($0) writes" } ?? "")
            }
            report(
                Violation(
                    .convergence, at: time, "digests differ: \(list.joined(separator: ", "))"))
        }
    }

    private func mistakes(in observation: DeviceObservation) -> [String] {
        var mistakes: [String] = []
        for (device, name) in deviceNames.enumerated() {
            let used = observation.used[device] ?? 0
            if !self.used[device].contains(used) {
                mistakes.append(
                    "\(name) used \(used) bytes here, \(self.used[device].text) acknowledged")
            }
            let reserved = observation.reserved[device] ?? 0
            if !self.reserved[device].contains(reserved) {
                mistakes.append(
                    "\(name) reserved \(reserved) bytes here, "
                        + "\(self.reserved[device].text) acknowledged")
            }
        }
        if !granted.contains(observation.granted) {
            mistakes.append(
                "\(observation.granted) bytes granted here, \(granted.text) acknowledged")
        }
        for (iccid, writes) in profiles.sorted(by: { $0.key.digits < $1.key.digits }) {
            mistakes += self.mistakes(
                in: observation.profiles[iccid.digits], of: iccid, writes)
        }
        return mistakes
    }

    private func mistakes(
        in found: [String: String]?, of iccid: ICCID, _ writes: [ProfileWrite]
    ) -> [String] {
        guard !writes.contains(where: { $0.fields == nil }) else {
            return mistakes(in: found, ofRemoved: iccid, writes)
        }
        guard let found else {
            let isCertain = writes.contains { $0.isAddition && $0.acknowledgedAt != nil }
            return isCertain ? ["profile \(iccid.digits) is missing"] : []
        }
        return ProfileField.allCases.compactMap { field in
            let candidates = Self.candidates(of: field, writes, clocksAreRight: clocksAreRight)
            let value = found[field.name]
            guard !candidates.contains(value) else { return nil }
            let expected = candidates.map { $0.map { "'\($0)'" } ?? "nothing" }
            return "\(field.name) of profile \(iccid.digits) is "
                + "\(value.map { "'\($0)'" } ?? "not set"), "
                + "but \(expected.joined(separator: " or ")) was acknowledged last"
        }
    }

    /// With a removal the outcome depends on what its device had seen.
    ///
    /// Certain is only: a profile that was added once and then removed is gone, whoever edited it
    /// meanwhile.
    private func mistakes(
        in found: [String: String]?, ofRemoved iccid: ICCID, _ writes: [ProfileWrite]
    ) -> [String] {
        let additions = writes.filter(\.isAddition)
        let isRemoved = writes.contains { $0.fields == nil && $0.acknowledgedAt != nil }
        guard additions.count == 1, isRemoved, found != nil else { return [] }
        return ["profile \(iccid.digits) is here, although it was removed"]
    }

    /// The values that a field may have: those of writes that no other write certainly followed.
    ///
    /// Where clocks are wrong, only a write of the same device certainly follows.
    static func candidates(
        of field: ProfileField, _ writes: [ProfileWrite], clocksAreRight: Bool = true
    ) -> [String?] {
        let writes = writes.filter { $0.fields?[field] != nil }
        guard !writes.isEmpty else { return [nil] }
        let last = writes.filter { write in
            !writes.contains { later in
                guard later.acknowledgedAt != nil, clocksAreRight || later.device == write.device
                else { return false }
                return later.issuedAt >= (write.acknowledgedAt ?? write.issuedAt) + resolution
            }
        }
        let isCertain = writes.contains { $0.acknowledgedAt != nil }
        return last.map { $0.fields?[field] } + (isCertain ? [] : [nil])
    }
}
