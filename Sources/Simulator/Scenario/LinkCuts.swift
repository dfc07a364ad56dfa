/// Which links the timeline has cut so far.
///
/// Cuts and splits go into one set of cut links: a split is a cut of every link between its
/// groups, `restore` takes links out of the set, and `heal` empties it. A border is not a cut: a
/// device without a signal cannot use any link, cut or not. A link may also be silent in one
/// direction: then it carries nothing that way, and nobody is told.
package struct LinkCuts: Sendable, Equatable {
    private let links: [Scenario.Link]
    /// For each link, by its index in `Scenario.links`.
    private var isCut: [Bool]
    /// For each link the devices of which it carries nothing.
    private var silent: [Set<Int>]

    /// Nothing is cut.
    package init(links: [Scenario.Link]) {
        self.links = links
        isCut = Array(repeating: false, count: links.count)
        silent = Array(repeating: [], count: links.count)
    }

    /// Whether what a device sends over a link is lost.
    package func isSilent(link index: Int, from device: Int) -> Bool {
        silent[index].contains(device)
    }

    /// In how many directions something is lost.
    package var silences: Int { silent.reduce(0) { $0 + $1.count } }

    /// Whether the link at this index of `Scenario.links` is cut.
    package func isCut(link index: Int) -> Bool {
        isCut[index]
    }

    /// Applies one action and returns the indexes of the links that changed, in rising order.
    ///
    /// Actions about anything but links change none.
    package mutating func apply(_ action: Scenario.Action) -> [Int] {
        switch action {
        case .cut(let selection): set(true) { selection.contains($0) }
        case .restore(let selection): restore { selection.contains($0) }
        case .heal: restore { _ in true }
        case .split(let groups): split(groups)
        case .silence(let from, let to): silence(from, to)
        default: []
        }
    }

    private mutating func split(_ groups: [[Int]]) -> [Int] {
        var groupOf: [Int: Int] = [:]
        for (group, devices) in groups.enumerated() {
            for device in devices { groupOf[device] = group }
        }
        return set(true) { groupOf[$0.a] != groupOf[$0.b] }
    }

    /// No link is up or down by it.
    private mutating func silence(_ from: Int, _ to: Int) -> [Int] {
        for (index, link) in links.enumerated()
        where link.a == min(from, to) && link.b == max(from, to) {
            silent[index].insert(from)
        }
        return []
    }

    private mutating func restore(where matches: (Scenario.Link) -> Bool) -> [Int] {
        for index in links.indices where matches(links[index]) { silent[index] = [] }
        return set(false, where: matches)
    }

    private mutating func set(
        _ value: Bool, where matches: (Scenario.Link) -> Bool
    ) -> [Int] {
        let changed = links.indices.filter { isCut[$0] != value && matches(links[$0]) }
        for index in changed { isCut[index] = value }
        return changed
    }
}
