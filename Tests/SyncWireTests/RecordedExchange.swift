import ReplicaModel
import SyncEngine
import SyncWire

/// One side of an exchange: a replica and its connection.
struct ExchangeSide {
    /// What a side lives through.
    enum Step {
        /// Bytes arrive.
        case arrival([UInt8])
        /// The device writes, and the session hears of it.
        case write(Cell)
        /// The connection is gone.
        case cut
    }

    let replica: MemoryReplica
    private(set) var connection: WorkedExchange.Connection
    private var now = MonotonicTime(sinceStart: .zero)

    init(_ side: Vector.Side, _ replica: MemoryReplica, limits: SessionLimits) {
        self.replica = replica
        let device = side == .initiator ? WorkedExchange.phone : WorkedExchange.laptop
        connection = WorkedExchange.connection(
            side.role, device,
            expecting: side == .initiator ? WorkedExchange.laptop : nil, limits: limits)
    }

    /// What is sent at once.
    mutating func begin() -> [UInt8] { connection.connected(at: now, replica: replica).bytes }

    /// Lives through a step; what is sent then.
    mutating func perform(_ step: Step) -> [UInt8] {
        switch step {
        case .arrival(let bytes):
            return connection.received(bytes, at: now, replica: replica).bytes
        case .write(let cell):
            replica.write(cell)
            let vectors = replica.vectors
            let first = connection.changed(
                to: vectors, relayed: false, at: now, replica: replica)
            // What is gathered for a moment goes as well.
            now = now + .seconds(1)
            return first.bytes + connection.timeReached(at: now, replica: replica).bytes
        case .cut:
            connection.disconnected(at: now, replica: replica)
            return []
        }
    }
}

/// An exchange without damage, as each side lived through it, frame by frame.
struct RecordedExchange {
    /// What one side lived through.
    struct Course {
        /// What it held before; the last one is what it held in the end.
        var states: [MemoryReplica]
        var steps: [ExchangeSide.Step] = []
        /// Which of the steps are arrivals; each is of one whole frame.
        var arrivals: [Int] = []

        /// The frames that arrived.
        var frames: [[UInt8]] {
            steps.compactMap { step in
                if case .arrival(let bytes) = step { bytes } else { nil }
            }
        }
    }

    let limits: SessionLimits
    private(set) var courses: [Vector.Side: Course] = [:]
    /// All frames in the order in which they were sent.
    private(set) var frames: [(from: Vector.Side, bytes: [UInt8])] = []
    private var sides: [Vector.Side: ExchangeSide] = [:]
    private var flying: [Vector.Side: [[UInt8]]] = [:]

    /// Lets two replicas meet, and has each push some writes afterwards.
    init(
        initiator: MemoryReplica, responder: MemoryReplica,
        pushes: [(side: Vector.Side, cell: Cell)] = [], limits: SessionLimits = SessionLimits()
    ) {
        self.limits = limits
        for (side, replica) in [(Vector.Side.initiator, initiator), (.responder, responder)] {
            sides[side] = ExchangeSide(side, replica.copy(), limits: limits)
            courses[side] = Course(states: [replica.copy()])
        }
        for side in [Vector.Side.responder, .initiator] {
            take(sides[side]?.begin() ?? [], from: side)
        }
        deliver()
        for push in pushes {
            live(.write(push.cell), push.side)
            deliver()
        }
    }

    /// What a side held in the end.
    func outcome(of side: Vector.Side) -> MemoryReplica {
        courses[side]?.states.last ?? MemoryReplica()
    }

    /// Whether neither side ended it, and both hold the same.
    var isLevel: Bool {
        sides.values.allSatisfy { !$0.connection.isClosed }
            && outcome(of: .initiator).holdsTheSame(as: outcome(of: .responder))
    }

    private mutating func deliver() {
        while let (side, frames) = flying.first(where: { !$0.value.isEmpty }) {
            flying[side] = Array(frames.dropFirst())
            live(.arrival(frames[0]), side)
        }
    }

    private mutating func live(_ step: ExchangeSide.Step, _ side: Vector.Side) {
        let number = courses[side]?.steps.count ?? 0
        if case .arrival = step { courses[side]?.arrivals.append(number) }
        courses[side]?.steps.append(step)
        take(sides[side]?.perform(step) ?? [], from: side)
        if let state = sides[side]?.replica.copy() { courses[side]?.states.append(state) }
    }

    private mutating func take(_ bytes: [UInt8], from side: Vector.Side) {
        let other: Vector.Side = side == .initiator ? .responder : .initiator
        let sent = FrameParts.frames(of: bytes)
        frames += sent.map { (side, $0) }
        flying[other, default: []] += sent
    }
}

extension MemoryReplica {
    /// Whether cells and vectors are equal.
    func holdsTheSame(as other: MemoryReplica) -> Bool {
        cells == other.cells && vectors == other.vectors
    }
}
