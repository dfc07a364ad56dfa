import FleetModel

/// Checks what only the whole scenario shows: that each step can happen when it is to happen.
struct ScenarioChecks {
    let root: ScenarioMapping
    let scenario: Scenario
    /// The timeline of the scenario with the places of its steps.
    let steps: [ScenarioReader.PlacedStep]

    func run() throws(InputError) {
        try checkDeviceProfiles()
        try checkProfilesExist()
        try ProcessChecks(scenario: scenario, steps: steps).run()
        try checkFrees()
    }

    /// From when on each profile exists.
    private func profileTimes() -> [ICCID: Duration] {
        var times: [ICCID: Duration] = [:]
        for profile in scenario.profiles { times[profile.iccid] = .zero }
        for (step, _) in steps {
            guard case .addProfile(_, let iccid, _) = step.action else { continue }
            times[iccid] = min(times[iccid] ?? step.at, step.at)
        }
        return times
    }

    private func known(_ times: [ICCID: Duration]) -> [String] {
        times.keys.map(\.digits).sorted()
    }

    private func checkDeviceProfiles() throws(InputError) {
        let times = profileTimes()
        for (_, value) in try root.required("devices").entries("a name for each device") {
            let entries = try value.entries("the device")
            guard let node = entries.first(where: { $0.key.scalarText == "profile" })?.value
            else { continue }
            let iccid = try node.iccid()
            guard times[iccid] == nil else { continue }
            let hint = Spelling.hint(for: iccid.digits, among: known(times))
            throw node.mistake("unknown profile '\(iccid.digits)'\(hint)")
        }
    }

    private func checkProfilesExist() throws(InputError) {
        let times = profileTimes()
        for (step, node) in steps {
            let iccid: ICCID
            switch step.action {
            case .edit(_, let edited, _, _): iccid = edited
            case .removeProfile(_, let removed): iccid = removed
            case .expect(let expectation):
                guard case .profile(let asked, _, _) = expectation.subject, times[asked] == nil
                else { continue }
                iccid = asked
            default: continue
            }
            guard let exists = times[iccid] else {
                let hint = Spelling.hint(for: iccid.digits, among: known(times))
                throw node.mistake("unknown profile '\(iccid.digits)'\(hint)")
            }
            guard exists <= step.at else {
                let added = exists.scenarioText
                throw node.mistake("profile '\(iccid.digits)' is added at \(added) only")
            }
        }
    }

    /// A device can be freed only after a border could have stopped it.
    private func checkFrees() throws(InputError) {
        let borders = scenario.trip?.itinerary.legs.compactMap(\.border?.crossed) ?? []
        for (step, node) in steps {
            guard case .free(let device) = step.action else { continue }
            let name = scenario.devices[device].name
            guard let border = borders.first else {
                throw node.mistake("'\(name)' cannot be stuck: the trip crosses no border")
            }
            guard step.at + HandoverModel.freeTolerance >= border else {
                let time = border.scenarioText
                throw node.mistake("'\(name)' cannot be stuck before the border at \(time)")
            }
        }
    }
}
