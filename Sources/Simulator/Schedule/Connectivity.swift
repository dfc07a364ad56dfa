/// Which links can carry anything now: both ends are running and have a signal, and the timeline
/// has not cut the link.
package struct Connectivity: Sendable {
    /// A link that went up or down.
    package struct Change: Hashable, Sendable {
        /// Its index in `Scenario.links`.
        package let link: Int
        /// Whether it can carry something now.
        package let isUp: Bool
    }

    private let links: [Scenario.Link]
    private var cuts: LinkCuts
    private var hasSignal: [Bool]
    private var isRunning: [Bool]
    private var isPaused: [Bool]
    /// Not there yet, or never again.
    private var isAbsent: [Bool]
    private var up: [Bool]

    /// All links of a scenario, up where both ends are there from the beginning.
    package init(of scenario: Scenario) {
        links = scenario.links
        cuts = LinkCuts(links: scenario.links)
        hasSignal = scenario.devices.map { _ in true }
        let joining = scenario.joiningDevices
        isAbsent = scenario.devices.indices.map(joining.contains)
        isRunning = isAbsent.map { !$0 }
        isPaused = scenario.devices.map { _ in false }
        up = scenario.links.map { !joining.contains($0.a) && !joining.contains($0.b) }
    }

    /// Whether a link can carry something.
    package func isUp(link: Int) -> Bool { up[link] }

    /// Whether what a device sends over a link is lost, without anybody being told.
    package func isSilent(link: Int, from device: Int) -> Bool {
        cuts.isSilent(link: link, from: device)
    }

    /// In how many directions of links something is lost so.
    package var silences: Int { cuts.silences }

    /// Whether a device has a signal.
    package func hasSignal(device: Int) -> Bool { hasSignal[device] }

    /// Whether a device's process runs.
    package func isRunning(device: Int) -> Bool { isRunning[device] }

    /// Whether a device's process runs and does not stand still.
    package func isActive(device: Int) -> Bool { isRunning[device] && !isPaused[device] }

    /// Whether a device is part of the fleet: it has joined and was not lost.
    package func isPresent(device: Int) -> Bool { !isAbsent[device] }

    /// Takes note of an event and says which links changed, ascending by index.
    package mutating func apply(_ kind: ScheduledEvent.Kind) -> [Change] {
        switch kind {
        case .links(let action): _ = cuts.apply(action)
        case .loseSignal(let device, _): hasSignal[device] = false
        case .regainSignal(let device, _): hasSignal[device] = true
        case .crash(let device): end(device)
        case .restart(let device): isRunning[device] = true
        case .befall(let device, let event):
            switch event {
            case .pause: isPaused[device] = true
            case .resume: isPaused[device] = false
            case .powerCut: end(device)
            case .lose:
                end(device)
                isAbsent[device] = true
            case .join:
                isAbsent[device] = false
                isRunning[device] = true
            case .disk, .clock, .visit: return []
            }
        case .operate, .use, .expect, .say: return []
        }
        return changes()
    }

    private mutating func end(_ device: Int) {
        isRunning[device] = false
        isPaused[device] = false
    }

    /// Undoes every cut, gives every device a signal and counts the process of every device that is
    /// there as running.
    package mutating func healAll() -> [Change] {
        _ = cuts.apply(.heal)
        for device in hasSignal.indices {
            hasSignal[device] = true
            isRunning[device] = !isAbsent[device]
            isPaused[device] = false
        }
        return changes()
    }

    private mutating func changes() -> [Change] {
        links.indices.compactMap { index in
            let link = links[index]
            let isUp =
                !cuts.isCut(link: index) && hasSignal[link.a] && hasSignal[link.b]
                && isRunning[link.a] && isRunning[link.b]
            guard isUp != up[index] else { return nil }
            up[index] = isUp
            return Change(link: index, isUp: isUp)
        }
    }
}

extension Scenario {
    /// Devices that are not there from the beginning.
    package var joiningDevices: Set<Int> {
        Set(
            timeline.compactMap { step in
                guard case .befall(let device, .join) = step.action else { return nil }
                return device
            })
    }
}
