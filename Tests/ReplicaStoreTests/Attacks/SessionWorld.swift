import CausalTime
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncTestKit

/// Stores with sessions between them, one message at a time: several transfers to one store at
/// once, writes in the middle of them, and cuts between any two messages.
///
/// Chunks hold about one cell each, so nearly every segment takes several.
struct SessionWorld {
    /// What is written.
    enum Content {
        /// Four fields that everyone sets all the time.
        case registers
        /// Counters of each writer, in the lane of usage.
        case counters
        /// Rows, fields and elements of a set.
        case mixed
    }

    /// A connection between two stores.
    struct Link {
        let ends: [Int]
        var sessions: [SyncSession]
        /// What is under way to either end.
        var queues: [[SyncMessage]] = [[], []]
        var isOpen = true
    }

    var stores: ObservedStores
    private(set) var links: [Link] = []
    /// Segments that a store refused, which closes the session.
    private(set) var refusals = 0
    private(set) var applied = 0
    private var random: SplitMix64
    private let content: Content
    private var now = MonotonicTime(sinceStart: .zero)
    private var wall: Int64 = 0

    init(seed: Seed, count: Int, content: Content) throws {
        random = seed.generator
        stores = try ObservedStores(count)
        self.content = content
    }

    // MARK: Steps

    mutating func step() throws {
        let index = Int(random.next() % UInt64(stores.indices.count))
        switch random.next() % 100 {
        case 0..<28: try write(index)
        case 28..<36:
            let offset = 1 + Int(random.next() % UInt64(stores.indices.count - 1))
            try connect(index, (index + offset) % stores.indices.count)
        case 36..<80: try deliverAny()
        case 80..<88: try advance()
        case 88..<93: if !links.isEmpty { cut(Int(random.next() % UInt64(links.count))) }
        case 93..<95:
            cutAll(of: index)
            try stores.reopen(index)
        case 95..<97: try house(index) { try $0.propose() }
        default: try house(index) { try $0.acknowledgeCuts() }
        }
        try stores.checkLevel()
    }

    /// Everyone meets everyone through whole sessions until all is level.
    mutating func heal() throws {
        links = []
        for _ in 0..<3 {
            for index in stores.indices {
                for other in stores.indices where other > index {
                    try connect(index, other)
                    try settle()
                    links = []
                }
            }
        }
        let summaries = try stores.all.map { try $0.summary() }
        guard summaries.allSatisfy({ $0.vectors == summaries[0].vectors }) else {
            throw CausalOracle.Fault(description: "I9: vectors differ after healing")
        }
        guard summaries.allSatisfy({ $0.digest == summaries[0].digest }) else {
            throw CausalOracle.Fault(description: "I5: digests differ after healing")
        }
        try stores.checkLevel()
    }

    // MARK: Sessions

    /// Opens a session; nothing has been delivered yet.
    mutating func connect(_ initiator: Int, _ responder: Int) throws {
        var limits = SessionLimits()
        limits.chunkBytes = 40
        let sessions = [SyncSession.Role.initiator, .responder].enumerated().map { side, role in
            SyncSession(
                role: role,
                identity: Preamble(
                    fleet: testFleet, device: stores[[initiator, responder][side]].device),
                limits: limits)
        }
        links.append(Link(ends: [initiator, responder], sessions: sessions))
        for side in [0, 1] { try handle(.connected, links.count - 1, side) }
    }

    /// Delivers the next message to one end of a link; says whether there was one.
    @discardableResult
    mutating func deliver(_ link: Int, to side: Int) throws -> Bool {
        guard links[link].isOpen, !links[link].queues[side].isEmpty else { return false }
        let message = links[link].queues[side].removeFirst()
        try handle(.received(message), link, side)
        if links[link].queues[side].isEmpty { try handle(.inputDrained, link, side) }
        return true
    }

    private mutating func deliverAny() throws {
        let waiting = links.indices.flatMap { link in
            [0, 1].filter { !links[link].queues[$0].isEmpty }.map { (link, $0) }
        }
        guard !waiting.isEmpty else { return }
        let (link, side) = random.pick(waiting)
        try deliver(link, to: side)
        links.removeAll { !$0.isOpen }
    }

    /// Delivers everything, and lets the time pass that sessions wait for.
    mutating func settle() throws {
        for _ in 0..<4 {
            var isMoving = true
            while isMoving {
                isMoving = false
                for link in links.indices {
                    for side in [0, 1] {
                        while try deliver(link, to: side) { isMoving = true }
                    }
                }
            }
            try advance()
        }
    }

    /// Lets time pass: enough for what is gathered or waits, too little to give anyone up.
    mutating func advance() throws {
        now = now + .milliseconds(600)
        for link in links.indices {
            for side in [0, 1] { try handle(.timeReached, link, side) }
        }
    }

    mutating func cut(_ link: Int) { links.remove(at: link) }

    private mutating func cutAll(of index: Int) {
        links.removeAll { $0.ends.contains(index) }
    }

    private mutating func handle(_ event: SyncSession.Event, _ link: Int, _ side: Int) throws {
        for action in links[link].sessions[side].handle(event, at: now) {
            let index = links[link].ends[side]
            switch action {
            case .send(let message): links[link].queues[1 - side].append(message)
            case .gather:
                try handle(
                    .gathered(GreetingFacts(summary: stores[index].summary())), link, side)
            case .export(let lane, let base):
                try handle(
                    .exported(stores[index].segment(of: lane, since: base)), link, side)
            case .apply(let segment, _): try apply(segment, link, side)
            case .report, .stage, .remember: continue
            case .listCells: try handle(.listed(stores[index].cellHashes()), link, side)
            case .fetch(let hashes):
                try handle(.fetched(stores[index].cells(hashed: hashes)), link, side)
            case .mend(let cells): try handle(.mended(stores[index].mend(cells)), link, side)
            case .close: links[link].isOpen = false
            }
        }
        if links[link].isOpen, links[link].sessions[side].hasMoreToSend {
            try handle(.room, link, side)
        }
    }

    private mutating func apply(_ segment: Segment, _ link: Int, _ side: Int) throws {
        let index = links[link].ends[side]
        do {
            let summary = try stores.apply(segment, to: index)
            applied += 1
            try handle(.applied(summary), link, side)
            for other in links.indices where other != link {
                for side in [0, 1] where links[other].ends[side] == index {
                    try handle(.relayed(summary.vectors), other, side)
                }
            }
        } catch let error as StoreError {
            refusals += 1
            try handle(.replicaFailed(error.description), link, side)
        }
    }

    // MARK: Writing

    /// Writes something, and tells the sessions of the store.
    mutating func write(_ index: Int) throws {
        wall += Int64(random.next() % 3)
        let number = random.next() % 100
        switch content {
        case .counters: try count(index, UInt8(number % 2))
        case .registers: try set(index, UInt8(number % 4), Int64(number))
        case .mixed:
            switch number % 5 {
            case 0: try toggle(index, UInt8(number % 3))
            case 1: try choose(index, UInt8(number % 2), adds: random.chance(60))
            default: try set(index, UInt8(number % 4), Int64(number))
            }
        }
        try tellSessions(of: index)
    }

    private mutating func house(_ index: Int, _ body: (StoreTransaction) throws -> Void) throws {
        try stores.house(index, at: wall, body)
        try tellSessions(of: index)
    }

    private mutating func tellSessions(of index: Int) throws {
        let vectors = try stores[index].summary().vectors
        for link in links.indices {
            for side in [0, 1] where links[link].ends[side] == index {
                try handle(.changed(vectors), link, side)
            }
        }
    }

    /// Sets a field of a row; without rows one that is always there.
    mutating func set(_ index: Int, _ row: UInt8, _ number: Int64, at wall: Int64? = nil) throws {
        let wall = wall ?? self.wall
        let length = try stores[index].read { try $0.cell(at: .row(row)) }?.causalLength ?? 0
        if case .mixed = content, length.isMultiple(of: 2) { return }
        try stores.write(index, at: wall) {
            try $0.put(
                CellDraft(
                    key: .field(1, ofRow: row), kind: .register, causalLength: length,
                    value: CellValue.integer(number).encoded))
        }
        try tellSessions(of: index)
    }

    private mutating func toggle(_ index: Int, _ row: UInt8) throws {
        let length = try stores[index].read { try $0.cell(at: .row(row)) }?.causalLength ?? 0
        try stores.write(index, at: wall) {
            try $0.put(CellDraft(key: .row(row), kind: .row, causalLength: length + 1))
        }
    }

    private mutating func choose(_ index: Int, _ item: UInt8, adds: Bool) throws {
        try stores.write(index, at: wall) {
            try $0.put(
                CellDraft(
                    key: CellKey(
                        lane: .settings, collection: CollectionID(rawValue: 3), row: [],
                        field: FieldID(rawValue: 1), item: [item]),
                    kind: .sibling, value: adds ? CellValue.bool(true).encoded : []))
        }
    }

    private mutating func count(_ index: Int, _ row: UInt8) throws {
        let added = 1 + random.next() % 9
        try stores.write(index, at: wall, added: added) { transaction in
            let own = CellKey.entry(row, owner: try transaction.writer())
            let held = try transaction.cell(at: own)?.amount ?? 0
            try transaction.put(
                CellDraft(
                    key: .entry(row), kind: .counter, value: Cell.encoded(amount: held + added)))
        }
    }
}
