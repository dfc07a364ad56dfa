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
    private var up: [Bool]

    /// All links of a scenario, all up.
    package init(of scenario: Scenario) {
        links = scenario.links
        cuts = LinkCuts(links: scenario.links)
        hasSignal = scenario.devices.map { _ in true }
        isRunning = scenario.devices.map { _ in true }
        up = scenario.links.map { _ in true }
    }

    /// Whether a link can carry something.
    package func isUp(link: Int) -> Bool { up[link] }

    /// Whether a device has a signal.
    package func hasSignal(device: Int) -> Bool { hasSignal[device] }

    /// Whether a device's process runs.
    package func isRunning(device: Int) -> Bool { isRunning[device] }

    /// Takes note of an event and says which links changed, ascending by index.
    package mutating func apply(_ kind: ScheduledEvent.Kind) -> [Change] {
        switch kind {
        case .links(let action): _ = cuts.apply(action)
        case .loseSignal(let device, _): hasSignal[device] = false
        case .regainSignal(let device, _): hasSignal[device] = true
        case .crash(let device): isRunning[device] = false
        case .restart(let device): isRunning[device] = true
        case .operate, .use, .say: return []
        }
        return changes()
    }

    /// Undoes every cut, gives every device a signal and counts every process as running.
    package mutating func healAll() -> [Change] {
        _ = cuts.apply(.heal)
        for device in hasSignal.indices {
            hasSignal[device] = true
            isRunning[device] = true
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
