import CausalTime
import ReplicaModel
import SyncEngine

/// The byte that a hello begins with.
private struct HelloFlags {
    /// Which reference: the lowest two bits.
    static let referenceMask: UInt8 = 0b11
    static let hasChanges: UInt8 = 0b100
    static let hasFrontier: UInt8 = 0b1000
    static let hasDigest: UInt8 = 0b1_0000
    static let hasStaged: UInt8 = 0b10_0000
    static let hasApplied: UInt8 = 0b100_0000
    static let isReferenceUnknown: UInt8 = 0b1000_0000
}

/// The kinds of reference, as they stand in a hello.
private enum ReferenceKind: UInt8 {
    case none = 0
    case state = 1
    case frontier = 2
    case greeting = 3

    init(of reference: Hello.Reference) {
        switch reference {
        case .none: self = .none
        case .state: self = .state
        case .frontier: self = .frontier
        case .greeting: self = .greeting
        }
    }
}

extension BothDirections {
    /// Writes a hello of `side`, which is this side.
    mutating func write(
        _ hello: Hello, by side: SyncSession.Role, limits: SessionLimits,
        to out: inout ByteWriter
    ) throws(BodyFault) {
        guard hello.vectors.dominates(hello.frontier) else {
            throw BodyFault(.failed, "a frontier that its own replica has not seen")
        }
        if hello.isReferenceUnknown {
            writers = WriterTable()
            isDeaf = true
        }
        let reference = try referred(to: hello.reference, by: side)
        out.byte(flags(of: hello, since: reference))
        write(hello.reference, to: &out)
        if hello.applied > 0 { out.varint(hello.applied) }
        if let digest = hello.digest { out.fixed64(digest.value) }
        let hasMarks = !hello.following.isEmpty || !hello.yielded.isEmpty
        guard hello.vectors != reference.vectors || !hasMarks else {
            throw BodyFault(.failed, "a segment of a lane without news")
        }
        guard (side == .initiator ? hello.yielded : hello.following).isEmpty,
            (hello.lateness != nil) == (canYield(side) && hello.saysLateness)
        else {
            throw BodyFault(.failed, "a greeting with what only another's may say")
        }
        if hello.vectors != reference.vectors {
            try writers.writeChanges(
                from: reference.vectors, of: hello, by: side, limits: limits, to: &out)
        }
        if hello.frontier != reference.frontier {
            for lane in Lane.all {
                hello.vectors[lane].writeFrontier(hello.frontier[lane], to: &out)
            }
        }
        if !hello.staged.isEmpty {
            for lane in Lane.all {
                try writers.write(hello.staged[lane] ?? DotSet(), by: side, to: &out)
            }
        }
        note(hello, clock: reference.clock, by: side)
    }

    /// Whether a side has announced that it says how late it is, and lets itself be yielded to.
    private func canYield(_ side: SyncSession.Role) -> Bool {
        capabilities[side]?.contains(.yields) == true
    }

    private func flags(of hello: Hello, since reference: Greeting) -> UInt8 {
        var flags = ReferenceKind(of: hello.reference).rawValue
        if hello.vectors != reference.vectors { flags |= HelloFlags.hasChanges }
        if hello.frontier != reference.frontier { flags |= HelloFlags.hasFrontier }
        if hello.digest != nil { flags |= HelloFlags.hasDigest }
        if !hello.staged.isEmpty { flags |= HelloFlags.hasStaged }
        if hello.applied > 0 { flags |= HelloFlags.hasApplied }
        if hello.isReferenceUnknown { flags |= HelloFlags.isReferenceUnknown }
        return flags
    }

    private func write(_ reference: Hello.Reference, to out: inout ByteWriter) {
        switch reference {
        case .none(let clock): clock.write(to: &out)
        case .state(let summary): out.fixed64(summary.name.rawValue)
        case .frontier(let frontier, let clock):
            out.fixed64(frontier.name.rawValue)
            clock.write(to: &out)
        case .greeting: break
        }
    }

    /// Reads a hello of the peer.
    mutating func readHello(
        by side: SyncSession.Role, limits: SessionLimits, from reader: inout BodyReader
    ) throws(BodyFault) -> HelloRead {
        let flags = try reader.byte()
        if flags & HelloFlags.isReferenceUnknown != 0 { writers = WriterTable() }
        let reference: Hello.Reference
        switch try readReference(flags, from: &reader) {
        case .known(let known): reference = known
        case .unknown(let name):
            return try skip(name, flags, by: side, limits: limits, from: &reader)
        }
        let known = try referred(to: reference, by: side)
        let applied = flags & HelloFlags.hasApplied != 0 ? try reader.varint() : 0
        let digest =
            flags & HelloFlags.hasDigest != 0 ? Digest(value: try reader.fixed64()) : nil
        var changes = WriterTable.Changes(vectors: known.vectors, marked: [], lateness: nil)
        if flags & HelloFlags.hasChanges != 0 {
            let saysLateness = canYield(side) && reference.isState
            changes = try writers.readChanges(
                from: known.vectors, by: side, limits: limits, from: &reader
            ) { saysLateness && !$0.marked.isSuperset(of: $0.changed) }
        }
        let vectors = changes.vectors
        var frontier = known.frontier
        if flags & HelloFlags.hasFrontier != 0 {
            for lane in Lane.all { frontier[lane] = try vectors[lane].readFrontier(from: &reader) }
        }
        var staged: [Lane: DotSet] = [:]
        if flags & HelloFlags.hasStaged != 0 {
            for lane in Lane.all {
                let dots = try writers.readDots(by: side, limits: limits, from: &reader)
                if !dots.isEmpty { staged[lane] = dots }
            }
        }
        let hello = Hello(
            vectors: vectors, frontier: frontier, reference: reference, digest: digest,
            applied: applied, following: side == .initiator ? changes.marked : [],
            lateness: changes.lateness, yielded: side == .initiator ? [] : changes.marked,
            staged: staged, isReferenceUnknown: flags & HelloFlags.isReferenceUnknown != 0)
        note(hello, clock: known.clock, by: side)
        return .hello(hello)
    }

    private enum ReferenceRead {
        case known(Hello.Reference)
        case unknown(StateName)
    }

    /// What a hello says it is described against.
    private func readReference(
        _ flags: UInt8, from reader: inout BodyReader
    ) throws(BodyFault) -> ReferenceRead {
        switch ReferenceKind(rawValue: flags & HelloFlags.referenceMask) {
        case .state:
            let name = StateName(rawValue: try reader.fixed64())
            let known = candidates.first { $0.name == name }
            return known.map { .known(.state($0)) } ?? .unknown(name)
        case .frontier:
            let name = StateName(rawValue: try reader.fixed64())
            let clock = try HybridTimestamp(from: &reader)
            guard ownFrontier.name == name else { return .unknown(name) }
            return .known(.frontier(ownFrontier, clock: clock))
        case .greeting: return .known(.greeting)
        case .some(.none), nil:
            return .known(.none(clock: try HybridTimestamp(from: &reader)))
        }
    }

    /// Reads what can be understood of a hello without its reference: how many segments follow.
    private func skip(
        _ name: StateName, _ flags: UInt8, by side: SyncSession.Role, limits: SessionLimits,
        from reader: inout BodyReader
    ) throws(BodyFault) -> HelloRead {
        if flags & HelloFlags.hasApplied != 0 { _ = try reader.varint() }
        if flags & HelloFlags.hasDigest != 0 { _ = try reader.fixed64() }
        var following: Set<Lane> = []
        if flags & HelloFlags.hasChanges != 0 {
            following = try WriterTable.readNews(from: &reader).marked
        }
        _ = try reader.raw(reader.remaining)
        return .unknownReference(name, following: following)
    }

    /// What both sides know of a reference; the first greeting's writers open the table.
    private mutating func referred(
        to reference: Hello.Reference, by side: SyncSession.Role
    ) throws(BodyFault) -> Greeting {
        guard let vectors = reference.vectors, let frontier = reference.frontier,
            let clock = reference.clock
        else {
            guard let other = greetings[side.other] else {
                throw BodyFault(.outOfOrder, "an answer to a greeting that was not there")
            }
            return other
        }
        if reference.isNamed {
            guard greetings.isEmpty else {
                throw BodyFault(.outOfOrder, "a state named after a greeting")
            }
            var known = vectors
            known.merge(frontier)
            writers = WriterTable(known: known.writers)
        }
        return Greeting(vectors: vectors, frontier: frontier, clock: clock)
    }

    private mutating func note(
        _ hello: Hello, clock: HybridTimestamp, by side: SyncSession.Role
    ) {
        greetings[side] = Greeting(
            vectors: hello.vectors, frontier: hello.frontier,
            common: hello.reference.vectors ?? LaneVectors(), clock: clock,
            applied: hello.applied)
    }
}

/// What could be made of a hello.
enum HelloRead {
    case hello(Hello)
    /// The reference is not known here; so many segments follow that cannot be read.
    case unknownReference(StateName, following: Set<Lane>)
}

extension Hello.Reference {
    fileprivate var isState: Bool {
        if case .state = self { true } else { false }
    }

    fileprivate var isNamed: Bool {
        switch self {
        case .state, .frontier: true
        case .none, .greeting: false
        }
    }
}
