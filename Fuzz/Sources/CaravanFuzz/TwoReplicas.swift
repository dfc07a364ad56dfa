import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire

/// Two replicas, what both have written, and a connection between them.
struct TwoReplicas {
    /// One frame on its way to a side.
    struct Flight {
        var bytes: [UInt8]
        let target: SyncSession.Role
    }

    private struct Side {
        var author: Author
        var replica = FuzzReplica()
        var connection: Connection
    }

    private var sides: [SyncSession.Role: Side] = [:]
    private var flying: [Flight] = []
    private var written: [CellKey: Set<Dot>] = [:]
    private var union = LaneVectors()
    private var now = MonotonicTime(sinceStart: .zero)

    /// What arrived at each side, in their order.
    private(set) var log: [Flight] = []

    /// Begins with up to 15 writes of each side.
    init(writes: UInt8) {
        for role in [SyncSession.Role.initiator, .responder] {
            sides[role] = Side(author: Author(role), connection: Author.connection(role))
        }
        for _ in 0..<writes & 15 { write(.initiator) }
        for _ in 0..<writes >> 4 { write(.responder) }
    }

    var isLevel: Bool {
        guard let one = sides[.initiator]?.replica, let other = sides[.responder]?.replica else {
            return false
        }
        return one.holdsTheSame(as: other) && one.vectors == union
    }

    /// Opens a connection and passes frames on until nothing is left to be done or it is given up.
    mutating func meet(_ pass: (inout [Flight], inout TwoReplicas) -> Bool) {
        flying = []
        for role in [SyncSession.Role.responder, .initiator] {
            sides[role]?.connection = Author.connection(role)
            perform(role) { $0.connected(at: $1, replica: $2) }
        }
        while true {
            var frames = flying
            flying = []
            let goesOn = pass(&frames, &self)
            flying = frames + flying
            if !goesOn { return }
        }
    }

    /// Opens a connection over a link that passes everything on.
    mutating func meetUndisturbed() {
        meet { frames, fleet in
            guard !frames.isEmpty else { return false }
            fleet.arrive(frames.removeFirst())
            return true
        }
    }

    /// Lets a device write, and the session of its replica hear of it.
    mutating func write(_ role: SyncSession.Role) {
        guard let cell = sides[role]?.author.next() else { return }
        written[cell.key, default: []].insert(cell.dot)
        union[cell.key.lane].raise(cell.dot.writer, to: cell.dot.sequence)
        guard let replica = sides[role]?.replica else { return }
        replica.write(cell)
        now = now + .seconds(1)
        perform(role) {
            $0.changed(to: $2.vectors, relayed: false, at: $1, replica: $2)
        }
        perform(role) { $0.timeReached(at: $1, replica: $2) }
    }

    mutating func arrive(_ flight: Flight) {
        guard !flight.bytes.isEmpty else { return }
        log.append(flight)
        perform(flight.target) { $0.received(flight.bytes, at: $1, replica: $2) }
    }

    private mutating func perform(
        _ role: SyncSession.Role,
        _ call: (inout Connection, MonotonicTime, FuzzReplica) -> Connection.Output
    ) {
        guard var side = sides[role], !side.connection.isClosed else { return }
        let output = call(&side.connection, now, side.replica)
        sides[role] = side
        let target: SyncSession.Role = role == .initiator ? .responder : .initiator
        for frame in FrameSeal.frames(of: output.bytes) {
            flying.append(Flight(bytes: frame.bytes, target: target))
        }
    }

    /// Whether both sides hold only what was written.
    func check() {
        for side in sides.values {
            for lane in Lane.all {
                require(
                    union[lane].dominates(side.replica.vectors[lane]),
                    "a replica has seen what nobody wrote")
            }
            for cell in side.replica.cells.values {
                require(
                    written[cell.key]?.contains(cell.dot) == true, "a cell that nobody wrote")
            }
        }
    }
}
