import CausalTime
import ReplicaModel
import SyncTestKit

/// Three replicas that share one row with one field, and every segment that was ever sent.
struct RowWorld {
    struct Key: Hashable {
        let writes: [ModelReplica.Write]
        let vectors: [VersionVector]
    }

    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    private var replicas: [ModelReplica]
    private var history = WriteHistory()
    /// What each author would have sent, right after each write, to one who had seen nothing.
    private var sent: [Segment] = []

    init(walls: [Int64]) {
        replicas = walls.enumerated().map { index, wall in
            let replica = ModelReplica(UInt32(index + 1))
            replica.now = WallTime(milliseconds: wall)
            return replica
        }
    }

    var key: Key {
        Key(writes: history.writes, vectors: replicas.map { $0.vectors[.settings] })
    }

    /// Every other world that one write or one delivery leads to, after a look at what it changed.
    func successors(operations: Int) throws -> [RowWorld] {
        var worlds: [RowWorld] = []
        for place in replicas.indices {
            let vector = replicas[place].vectors[.settings]
            let current = replicas.map { $0.segment(of: .settings, since: vector) }
            for segment in sent + current {
                if let world = try delivering(segment, to: place) { worlds.append(world) }
            }
        }
        try checkLevelReplicas()
        guard history.writes.count < operations else { return worlds }
        // The first replica begins, which is a restriction only if clocks differ.
        for place in history.writes.isEmpty ? 0..<1 : replicas.indices {
            worlds.append(try writing(at: place) { try $0.toggleRow(.row(1)) })
            guard replicas[place].isLive(rowOf: .row(1)) else { continue }
            let value = CellValue.integer(Int64(history.writes.count))
            worlds.append(
                try writing(at: place) { try $0.setField(.field(1, ofRow: 1), to: value) })
        }
        return worlds
    }

    private func delivering(_ segment: Segment, to place: Int) throws -> RowWorld? {
        let replica = replicas[place].copy()
        try replica.apply(segment)
        guard replica.vectors != replicas[place].vectors else {
            guard replica.cells == replicas[place].cells else {
                throw Difference(description: "a repeated segment changed cells")
            }
            return nil
        }
        try history.check(replica)
        var world = self
        world.replicas[place] = replica
        return world
    }

    private func writing(
        at place: Int, _ write: (ModelReplica) throws -> Cell
    ) throws -> RowWorld {
        var world = self
        let replica = replicas[place].copy()
        _ = try write(replica)
        try world.history.note(replica)
        try world.history.check(replica)
        world.replicas[place] = replica
        world.sent.append(replica.segment(of: .settings, since: VersionVector()))
        return world
    }

    private func checkLevelReplicas() throws {
        for (a, b) in [(0, 1), (1, 2), (2, 0)] where replicas[a].vectors == replicas[b].vectors {
            guard replicas[a].summary() == replicas[b].summary() else {
                throw Difference(description: "equal vectors, other states: \(history.writes)")
            }
        }
    }
}
