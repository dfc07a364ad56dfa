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
        try checkProcesses()
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

    /// A device crashes when it runs, restarts when it does not, and does nothing in between.
    private func checkProcesses() throws(InputError) {
        var downSince: [Int: Duration] = [:]
        for (step, node) in steps {
            guard let device = step.action.actingDevice else { continue }
            let name = scenario.devices[device].name
            let down = downSince[device]
            switch step.action {
            case .restart:
                guard down != nil else {
                    throw node.mistake("'\(name)' is running and cannot restart")
                }
                downSince[device] = nil
            default:
                if let down {
                    throw node.mistake("'\(name)' is down since \(down.scenarioText)")
                }
                if case .crash = step.action { downSince[device] = step.at }
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

extension Scenario.Action {
    /// The device whose process must run for the action, or starts or ends by it.
    fileprivate var actingDevice: Int? {
        switch self {
        case .edit(let device, _, _, _), .addProfile(let device, _, _),
            .removeProfile(let device, _), .use(let device, _, _), .reserve(let device, _),
            .grant(let device, _, _), .allocate(let device, _), .crash(let device),
            .restart(let device):
            device
        case .cut, .restore, .split, .heal, .free, .say: nil
        }
    }
}
