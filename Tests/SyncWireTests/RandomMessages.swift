import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit

extension SplitMix64 {
    /// A number below `bound`, which must not be 0.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// A number of any size: small ones are as likely as large ones.
    mutating func number() -> UInt64 { next() >> UInt64(below(64)) }

    mutating func bytes(upTo count: Int) -> [UInt8] {
        (0..<below(count + 1)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

/// Messages that a session could send, drawn from a seed.
///
/// What a message may say depends on what was said before, so it remembers that like a sender does:
/// claims rise, and cells are of what their segment claims above its base.
struct RandomMessages {
    /// States that the receiver remembers; greetings are described against them.
    let states: [ReplicaSummary]
    /// What the receiver takes for seen by every member.
    let frontier: LaneVectors

    private var cells: RandomCells
    /// What the sender has told of its vectors.
    private var told = LaneVectors()
    /// What its segments build on.
    private var base = LaneVectors()
    /// What the receiver's greeting said, until the segments count on it.
    private var theirs: LaneVectors?
    /// What the sender announces.
    private let capabilities: Capabilities
    /// Lanes of which a segment was announced that has not begun.
    private var announced: [Lane] = []
    /// Lanes whose announced segment has begun and is not whole.
    private var early: Set<Lane> = []
    /// For segments that were begun, the entries that cells can be of and what they have to be
    /// above.
    private var open: [Lane: [VersionVector.Entry: UInt64]] = [:]

    /// Starts the messages of a seed; a chunk has fewer cells than `cellsMax`.
    init(seed: UInt64, cellsMax: Int = 60) {
        cells = RandomCells(seed: seed, cellsMax: cellsMax)
        capabilities = Capabilities(rawValue: cells.random.number())
        let known = cells.laneVectors()
        frontier = cells.part(of: known)
        states = (0..<3).map { [known, frontier, cells] _ in
            var cells = cells
            var vectors = cells.laneVectors()
            vectors.merge(known)
            return ReplicaSummary(
                vectors: vectors, frontier: frontier, digest: Digest(value: cells.random.next()),
                clock: cells.timestamp())
        }
    }

    mutating func preamble() -> SyncMessage {
        .preamble(
            Preamble(
                capabilities: capabilities, fleet: .random(using: &cells.random),
                device: .random(using: &cells.random),
                nonce: cells.random.below(2) == 0 ? nil : UInt32(cells.random.below(1 << 32))))
    }

    /// An initiator's greeting.
    mutating func hello() -> Hello {
        let reference: Hello.Reference =
            switch cells.random.below(3) {
            case 0: .none(clock: cells.timestamp())
            case 1: .frontier(frontier, clock: cells.timestamp())
            default: .state(states[cells.random.below(states.count)])
            }
        return hello(
            against: reference, vectors: reference.vectors ?? LaneVectors(),
            frontier: reference.frontier ?? LaneVectors())
    }

    /// A greeting that answers another.
    mutating func answer(to hello: Hello) -> Hello {
        self.hello(against: .greeting, vectors: hello.vectors, frontier: hello.frontier)
    }

    /// Takes note of the receiver's greeting.
    mutating func heard(_ hello: Hello) { theirs = hello.vectors }

    private mutating func hello(
        against reference: Hello.Reference, vectors known: LaneVectors, frontier: LaneVectors
    ) -> Hello {
        var vectors = known
        for lane in Lane.all where cells.random.chance(60) {
            if cells.random.chance(20) { vectors[lane] = cells.part(of: vectors[lane]) }
            vectors[lane].merge(cells.vector())
        }
        var forgotten = frontier
        for lane in Lane.all
        where cells.random.chance(40) || !vectors[lane].dominates(forgotten[lane]) {
            forgotten[lane] = cells.part(of: vectors[lane])
        }
        var following: Set<Lane> = []
        if case .state = reference {
            following = Set(
                Lane.all.filter { vectors[$0] != known[$0] && cells.random.chance(60) })
        }
        var staged: [Lane: DotSet] = [:]
        for lane in Lane.all where cells.random.chance(30) { staged[lane] = cells.dots() }
        told = vectors
        base = reference.vectors ?? LaneVectors()
        announced = following.sorted { $0.rawValue < $1.rawValue }
        let yielded =
            reference == .greeting
            ? Lane.all.filter { vectors[$0] != known[$0] && cells.random.chance(30) } : []
        let hello = Hello(
            vectors: vectors, frontier: forgotten, reference: reference,
            digest: cells.random.chance(50) ? Digest(value: cells.random.next()) : nil,
            applied: cells.random.chance(30) ? cells.random.number() : 0, following: following,
            yielded: Set(yielded), staged: staged)
        guard capabilities.contains(.yields), hello.saysLateness else { return hello }
        return Hello(
            vectors: vectors, frontier: forgotten, reference: reference, digest: hello.digest,
            applied: hello.applied, following: following, lateness: cells.random.number(),
            staged: staged)
    }

    /// A chunk, an acknowledgement, a heartbeat, a step of a repair or, rarely, a refusal.
    mutating func next() -> SyncMessage {
        if cells.random.chance(10) { return .acknowledgement(applied: cells.random.number()) }
        if cells.random.chance(5) { return .heartbeat(isAnswer: cells.random.chance(50)) }
        if cells.random.chance(5) { return .repair(repair()) }
        if cells.random.chance(2) {
            let code = Refusal.Code.allCases[cells.random.below(Refusal.Code.allCases.count)]
            return .refusal(
                Refusal(code, String(repeating: "grüß ", count: cells.random.below(40))))
        }
        return .chunk(chunk())
    }

    private mutating func repair() -> RepairMessage {
        let symbols = (0..<cells.random.below(20)).map { _ in
            CodedSymbol(
                sum: cells.random.next(), check: cells.random.next(),
                count: Int64(bitPattern: cells.random.next()))
        }
        let lane = Lane.all[cells.random.below(Lane.all.count)]
        let some = cells.cells(lane, [:])
        switch cells.random.below(6) {
        case 0: return .sketch(key: cells.random.next(), symbols)
        case 1: return .symbols(symbols)
        case 2: return .more(upTo: cells.random.below(1 << 16))
        case 3: return .part(some)
        case 4: return .difference(some, wanted: symbols.map(\.sum))
        default: return .cells(some)
        }
    }

    private mutating func chunk() -> SegmentChunk {
        let lane = lane()
        var head: SegmentChunk.Head?
        if open[lane] == nil { head = begin(lane) }
        let isLast = cells.random.chance(70)
        let chunk = SegmentChunk(
            lane: lane, head: head, cells: cells.cells(lane, open[lane] ?? [:]), isLast: isLast)
        if isLast {
            open[lane] = nil
            early.remove(lane)
        }
        return chunk
    }

    /// The lane of the next chunk: announced segments come first.
    private mutating func lane() -> Lane {
        let begun = early.sorted { $0.rawValue < $1.rawValue }
        if let next = announced.first, begun.isEmpty || cells.random.chance(50) { return next }
        return begun.isEmpty
            ? Lane.all[cells.random.below(Lane.all.count)] : cells.random.pick(begun)
    }

    private mutating func begin(_ lane: Lane) -> SegmentChunk.Head {
        if announced.first == lane {
            announced.removeFirst()
            early.insert(lane)
        } else if let heard = theirs {
            base.merge(heard)
            theirs = nil
        }
        let claim = told[lane].merging(
            cells.random.chance(30) ? cells.next(after: told[lane]) : cells.vector())
        let frontier = cells.random.chance(30) ? cells.part(of: claim) : nil
        let below = frontier == nil ? base[lane] : VersionVector()
        open[lane] = Dictionary(
            uniqueKeysWithValues: claim.entries(above: below).map { ($0, below[$0.writer]) })
        told[lane] = claim
        base[lane].merge(claim)
        return SegmentChunk.Head(
            applied: cells.random.chance(50) ? 0 : cells.random.number(), claim: claim,
            frontier: frontier, clock: cells.timestamp(),
            dropped: cells.random.chance(20) ? cells.dots() : DotSet())
    }
}
