import CausalTime
import ReplicaModel

// Equal vectors are equal states, or something is broken: a disk, or a replica. It is said aloud,
// and then both sides join what they hold, as if neither had seen what the other one has.

extension SyncSession.Exchange {
    // MARK: Beginning

    /// Whether a peer has seen the same, forgotten the same, and holds something else.
    func hasDiverged(_ theirs: Hello, _ facts: GreetingFacts) -> Bool {
        guard let digest = theirs.digest else { return false }
        return digest != facts.summary.digest && theirs.vectors == facts.summary.vectors
            && theirs.frontier == facts.summary.frontier
    }

    /// Begins as the side that has noticed.
    mutating func beginRepair(
        of summary: ReplicaSummary, told: Digest?
    ) -> [SyncSession.Action] {
        // Any number will do that differs from one time to the next.
        let key = summary.digest.value ^ (told?.value ?? 0).byteSwapped
        repair = Repair(.listing(key: key, symbols: []), seen: summary.vectors)
        return [.report(.diverged(.found)), .listCells]
    }

    // MARK: Finding what differs

    /// The hashes of the replica's cells are there.
    mutating func listed(
        _ hashes: [UInt64], limits: SessionLimits
    ) -> [SyncSession.Action] {
        guard case .listing(let key, let symbols) = repair?.step else { return [] }
        guard !symbols.isEmpty else {
            var encoder = SketchEncoder(items: hashes, key: key, limits: limits.sketch)
            let first = encoder.symbols(upTo: Repair.symbolsFirst)
            repair?.step = .sketching(encoder)
            return [.send(.repair(.sketch(key: key, first)))]
        }
        var decoder = SketchDecoder(ownItems: hashes, key: key, limits: limits.sketch)
        decoder.add(symbols)
        return goOn(decoding: decoder, limits: limits)
    }

    private mutating func goOn(
        decoding decoder: SketchDecoder, limits: SessionLimits
    ) -> [SyncSession.Action] {
        if decoder.isDecoded {
            repair?.step = .fetching(wanted: decoder.onlyTheirs)
            return [.fetch(Set(decoder.onlyOurs))]
        }
        guard decoder.failure == nil, decoder.received < limits.sketch.symbolsMax else {
            repair = nil
            return [
                .send(.repair(.difference([], wanted: []))),
                .report(.diverged(.notRepaired("too much differs to be found out"))),
            ]
        }
        repair?.step = .decoding(decoder)
        let count = min(2 * decoder.received, limits.sketch.symbolsMax)
        return [.send(.repair(.more(upTo: count)))]
    }

    // MARK: Messages

    mutating func receive(
        _ message: RepairMessage, limits: SessionLimits
    ) throws(Refusal) -> [SyncSession.Action] {
        switch (message, repair?.step) {
        case (.sketch(let key, let symbols), nil)
        where answersRepairs && !symbols.isEmpty && local.dominates(goal):
            repair = Repair(.listing(key: key, symbols: symbols), seen: goal)
            return [.report(.diverged(.found)), .listCells]
        case (.more(let count), .sketching(var encoder)?)
        where count > encoder.produced && count <= limits.sketch.symbolsMax:
            let symbols = encoder.symbols(upTo: count)
            repair?.step = .sketching(encoder)
            return [.send(.repair(.symbols(symbols)))]
        case (.symbols(let symbols), .decoding(var decoder)?) where !symbols.isEmpty:
            decoder.add(symbols)
            return goOn(decoding: decoder, limits: limits)
        case (.part(let cells), .sketching?), (.part(let cells), .mending?):
            try arrive(cells, limits: limits)
            return []
        case (.difference(let cells, let wanted), .sketching?):
            try arrive(cells, limits: limits)
            return takeArrived(wanted: Set(wanted))
        case (.cells(let cells), .mending(let wanted)?) where wanted.isEmpty:
            try arrive(cells, limits: limits)
            return takeArrived(wanted: [])
        default: throw Refusal(.outOfOrder, "a step of a repair that was not its turn")
        }
    }

    private mutating func arrive(
        _ cells: [Cell], limits: SessionLimits
    ) throws(Refusal) {
        guard var repair else { return }
        for cell in cells {
            guard repair.seen[cell.key.lane].contains(cell.dot) else {
                throw Refusal(.malformed, "a cell at \(cell.dot), which neither side had seen")
            }
            repair.shownBytes += cell.approximateBytes
        }
        guard repair.shownBytes <= limits.segmentBytesMax else {
            throw Refusal(.tooLarge, "a repair of more than \(limits.segmentBytesMax) bytes")
        }
        repair.shown.formUnion(cells)
        repair.arrived += cells
        self.repair = repair
    }

    /// Everything that the peer had to show this time is there.
    private mutating func takeArrived(wanted: Set<UInt64>) -> [SyncSession.Action] {
        guard var repair else { return [] }
        let cells = repair.arrived
        repair.arrived = []
        repair.step = .mending(wanted: wanted)
        self.repair = repair
        if !cells.isEmpty { return [.mend(cells)] }
        if !wanted.isEmpty { return [.fetch(wanted)] }
        return endRepair()
    }

    private mutating func endRepair() -> [SyncSession.Action] {
        guard let repair else { return [] }
        self.repair = nil
        // The state that both are at has another name now.
        remembered = nil
        guard !repair.shown.isEmpty else {
            let reason = "no cell was found that differs; look at both with sync-inspect"
            return [.report(.diverged(.notRepaired(reason)))]
        }
        return [.report(.diverged(.repaired(cells: repair.changed)))]
    }

    // MARK: Answers of the replica

    /// Cells that the replica was asked for are there.
    mutating func fetched(
        _ cells: [Cell], limits: SessionLimits
    ) throws(Refusal) -> [SyncSession.Action] {
        switch repair?.step {
        case .fetching(let wanted):
            let shown = repair?.unshown(cells) ?? []
            repair?.step = .mending(wanted: [])
            guard !shown.isEmpty || !wanted.isEmpty else {
                return [.send(.repair(.difference([], wanted: [])))] + endRepair()
            }
            return parts(of: shown, limits: limits) { .difference($0, wanted: wanted) }
        case .mending:
            repair?.answer(with: cells)
            return reply(limits: limits)
        default: return []
        }
    }

    /// What the peer had shown has been taken in.
    mutating func didMend(
        _ mended: Mended, limits: SessionLimits
    ) throws(Refusal) -> [SyncSession.Action] {
        guard case .mending(let wanted) = repair?.step else { return [] }
        repair?.changed += mended.changed
        repair?.answer(with: mended.held)
        return wanted.isEmpty ? reply(limits: limits) : [.fetch(wanted)]
    }

    private mutating func reply(limits: SessionLimits) -> [SyncSession.Action] {
        let cells = repair?.reply ?? []
        repair?.reply = []
        repair?.step = .mending(wanted: [])
        let actions = parts(of: cells, limits: limits) { .cells($0) }
        return cells.isEmpty ? actions + endRepair() : actions
    }

    /// Cells in messages that are not too large, of which the last is made by `last`.
    private func parts(
        of cells: [Cell], limits: SessionLimits, _ last: ([Cell]) -> RepairMessage
    ) -> [SyncSession.Action] {
        let parts = cells.chunked(limits: limits).map(Array.init)
        return parts.dropLast().map { .send(.repair(.part($0))) }
            + [.send(.repair(last(parts.last ?? [])))]
    }
}
