extension ScenarioReader {
    /// Every link, by first and then second index.
    func links() throws(InputError) -> [Scenario.Link] {
        let section = try root["links"]?.mapping("the links", keys: ScenarioKeys.links)
        let read = mistakes.attempt { () throws(InputError) in
            try section?["topology"].map(topology) ?? mesh()
        }
        let pairs = read ?? mesh()
        let standard = Scenario.LinkQuality(
            delay: .milliseconds(60), jitter: .milliseconds(15), bandwidth: nil)
        let common = mistakes.attempt { () throws(InputError) in
            try section.map { section throws(InputError) in
                try self.quality(section, base: standard)
            } ?? standard
        }
        let quality = common ?? standard
        var links = pairs.map { Scenario.Link(a: $0.a, b: $0.b, quality: quality) }
        for (index, quality) in try overrides(section?["pairs"], base: quality, links: links) {
            links[index] = Scenario.Link(a: links[index].a, b: links[index].b, quality: quality)
        }
        try checkConnected(links, at: section?["topology"] ?? root.node)
        return links
    }

    /// The pairs of devices that a topology links, sorted.
    private func topology(_ node: ScenarioNode) throws(InputError) -> [(a: Int, b: Int)] {
        guard !node.isList else { return try listed(node) }
        let word = try node.text("mesh, ring, line, star DEVICE, tree N or a list of pairs")
        let count = deviceNames.count
        switch word {
        case "mesh": return mesh()
        case "line": return (1..<max(count, 1)).map { ($0 - 1, $0) }
        case "ring":
            let line = (1..<max(count, 1)).map { (a: $0 - 1, b: $0) }
            // Two devices are linked once, not forth and back.
            return sorted(count > 2 ? line + [(a: 0, b: count - 1)] : line)
        case "star": return star(around: 0)
        case let word where word.hasPrefix("star "):
            return star(around: try hub(String(word.dropFirst(5)), node))
        case let word where word.hasPrefix("tree "):
            guard let width = Int(word.dropFirst(5)), (1...1000).contains(width) else {
                throw node.mistake("a tree says how many are below each, as in 'tree 8'")
            }
            return sorted((1..<max(count, 1)).map { (($0 - 1) / width, $0) })
        default:
            let words = ["mesh", "ring", "line", "star DEVICE", "tree N"]
            let hint = Spelling.hint(for: word, among: words)
            throw node.mistake("unknown topology '\(word)'\(hint)")
        }
    }

    private func hub(_ name: String, _ node: ScenarioNode) throws(InputError) -> Int {
        guard let index = deviceIndexes[name] else {
            let hint = Spelling.hint(for: name, among: deviceNames)
            throw node.mistake("unknown device '\(name)'\(hint)")
        }
        return index
    }

    private func mesh() -> [(a: Int, b: Int)] {
        let all = deviceNames.indices
        return all.flatMap { a in all[(a + 1)...].map { b in (a, b) } }
    }

    private func star(around hub: Int) -> [(a: Int, b: Int)] {
        let others = deviceNames.indices.filter { $0 != hub }
        return sorted(others.map { (min($0, hub), max($0, hub)) })
    }

    private func listed(_ node: ScenarioNode) throws(InputError) -> [(a: Int, b: Int)] {
        var pairs: [(a: Int, b: Int)] = []
        var seen: Set<Int> = []
        for element in try node.list("pairs of devices") {
            let pair = try pair(element)
            guard seen.insert(pair.a * deviceNames.count + pair.b).inserted else {
                throw element.mistake("the link between \(name(pair)) stands twice")
            }
            pairs.append(pair)
        }
        return sorted(pairs)
    }

    private func sorted(_ pairs: [(a: Int, b: Int)]) -> [(a: Int, b: Int)] {
        pairs.sorted { ($0.a, $0.b) < ($1.a, $1.b) }
    }

    /// The delay, jitter and bandwidth of a mapping; what it does not give is taken from `base`.
    ///
    /// A delay without a jitter keeps the proportion of the two.
    private func quality(
        _ mapping: ScenarioMapping, base: Scenario.LinkQuality
    ) throws(InputError) -> Scenario.LinkQuality {
        let delay = try mapping["delay"]?.duration() ?? base.delay
        let kept = base.delay == .zero ? 0 : base.jitter / base.delay
        let inherited: Duration = .milliseconds(Int(delay.inSeconds * kept * 1000))
        let jitter = try mapping["jitter"]?.duration() ?? inherited
        guard jitter <= delay else {
            throw (mapping["jitter"] ?? mapping.node).mistake(
                "the jitter \(jitter.scenarioText) is longer than the delay \(delay.scenarioText)")
        }
        var quality = Scenario.LinkQuality(delay: delay, jitter: jitter, bandwidth: base.bandwidth)
        quality.traces = base.traces
        if let bandwidth = mapping["bandwidth"] { quality.bandwidth = try bandwidth.bandwidth() }
        if let trace = mapping["trace"] { quality.traces = try traces(trace) }
        return quality
    }

    /// What a link carries by traces: one for both directions, or one for each.
    private func traces(_ node: ScenarioNode) throws(InputError) -> Scenario.LinkTraces? {
        if node.scalarText == "none" { return nil }
        guard node.isMapping else {
            let trace = try LinkTrace.load(namedBy: node)
            return Scenario.LinkTraces(forth: trace, back: trace)
        }
        let mapping = try node.mapping("the trace", keys: ScenarioKeys.trace)
        return Scenario.LinkTraces(
            forth: try mapping["forth"].map(LinkTrace.load),
            back: try mapping["back"].map(LinkTrace.load))
    }

    /// The links with a quality of their own, by index, in file order.
    private func overrides(
        _ node: ScenarioNode?, base: Scenario.LinkQuality, links: [Scenario.Link]
    ) throws(InputError) -> [(index: Int, quality: Scenario.LinkQuality)] {
        var overrides: [(index: Int, quality: Scenario.LinkQuality)] = []
        for element in try node?.list("links with a quality of their own") ?? [] {
            let read = mistakes.attempt { () throws(InputError) in
                let entry = try element.mapping("the pair", keys: ScenarioKeys.pair)
                let between = try entry.required("between")
                let index = try linkIndex(between, in: links)
                guard !overrides.contains(where: { $0.index == index }) else {
                    throw between.mistake("this pair stands twice in 'pairs'")
                }
                var own = try quality(entry, base: base)
                // Forth goes from the device that is named first to the other.
                if try isReversed(between), entry["trace"] != nil {
                    own.traces = own.traces?.reversed
                }
                return (index: index, quality: own)
            }
            if let read { overrides.append(read) }
        }
        return overrides
    }

    /// Whether the pair is named in another order than that of the file.
    private func isReversed(_ between: ScenarioNode) throws(InputError) -> Bool {
        let named = try devices(between)
        return named.count == 2 && named[0] > named[1]
    }

    /// The index of the link between two devices written `[a, b]`.
    func linkIndex(
        _ node: ScenarioNode, in links: [Scenario.Link]
    ) throws(InputError) -> Int {
        let pair = try pair(node)
        guard let index = links.firstIndex(where: { $0.a == pair.a && $0.b == pair.b }) else {
            throw node.mistake("there is no link between \(name(pair)) in this topology")
        }
        return index
    }

    private func name(_ pair: (a: Int, b: Int)) -> String {
        "'\(deviceNames[pair.a])' and '\(deviceNames[pair.b])'"
    }

    /// Reports a device which no chain of links joins to the first: it could never catch up.
    private func checkConnected(
        _ links: [Scenario.Link], at node: ScenarioNode
    ) throws(InputError) {
        var neighbours: [[Int]] = Array(repeating: [], count: deviceNames.count)
        for link in links {
            neighbours[link.a].append(link.b)
            neighbours[link.b].append(link.a)
        }
        var reached: Set<Int> = [0]
        var open = [0]
        while let device = open.popLast() {
            for next in neighbours[device] where reached.insert(next).inserted {
                open.append(next)
            }
        }
        if let lost = deviceNames.indices.first(where: { !reached.contains($0) }) {
            throw node.mistake(
                "no chain of links joins '\(deviceNames[lost])' to '\(deviceNames[0])'")
        }
    }
}
