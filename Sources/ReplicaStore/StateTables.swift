import CausalTime
import Foundation
internal import GRDB
import PlantedBugs
import ReplicaModel

/// The tables `replica`, `writer`, `vector` and `frontier`: the durable form of ``StoreState``.
///
/// What transactions of one cell changed of it may stand in those cells alone: in each lane the
/// latest cell of the current writer, if it is later than the table `vector` says, says how far the
/// replica is by its dot, its timestamp and its digest.
struct StateTables {
    let db: Database
    let path: String

    func create(fleet: FleetID, device: DeviceID) throws {
        try db.execute(
            sql: """
                INSERT INTO replica (id, fleet, device, written, clock_epoch, clock_ticks)
                VALUES (1, ?, ?, 0, 0, 0)
                """,
            arguments: [Data(fleet.bytes), Data(device.bytes)])
    }

    func load() throws -> StoreState {
        var state = try loadReplica()
        try loadWriters(into: &state)
        try loadVectors(into: &state)
        try loadFrontier(into: &state)
        try loadDigests(into: &state)
        try loadCarried(into: &state)
        return state
    }

    func loadReplica() throws -> StoreState {
        guard
            let row = try Row.fetchOne(
                db,
                sql: "SELECT fleet, device, nonce, written, clock_epoch, clock_ticks FROM replica"),
            let fleet = FleetID(bytes: try row.decode(Data.self, atIndex: 0)),
            let device = DeviceID(bytes: try row.decode(Data.self, atIndex: 1)),
            let epoch = UInt32(exactly: try row.decode(Int64.self, atIndex: 4))
        else {
            throw StoreError(.damaged, "\(path): the replica does not say whose it is")
        }
        return StoreState(
            fleet: fleet, device: device,
            nonce: try row.decode(Int64?.self, atIndex: 2).map(UInt64.init(bitPattern:)),
            written: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 3)),
            clock: HybridClock(
                latest: HybridTimestamp(
                    epoch: epoch,
                    ticks: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 5)))))
    }

    func loadWriters(into state: inout StoreState) throws {
        for row in try Row.fetchAll(db, sql: "SELECT id, writer FROM writer ORDER BY id") {
            guard let writer = WriterID(bytes: try row.decode(Data.self, atIndex: 1)),
                state.writers.number(of: writer) == (try row.decode(Int64.self, atIndex: 0), true)
            else { throw StoreError(.damaged, "\(path): the names of the writers have a gap") }
        }
    }

    /// Names the writers that cells have and the damaged table of writers does not, by their
    /// numbers.
    func inventWriters(into state: inout StoreState) throws {
        let last = try Int64.fetchOne(db, sql: "SELECT max(writer) FROM cell") ?? 0
        guard last >= 1 else { return }
        for number in 1...min(last, 100_000) where state.writers[number] == nil {
            _ = state.writers.number(of: WriterID(high: 0, low: UInt64(number)))
        }
    }

    func loadVectors(into state: inout StoreState) throws {
        for row in try Row.fetchAll(db, sql: "SELECT lane, writer, sequence FROM vector") {
            guard let lane = UInt8(exactly: try row.decode(Int64.self, atIndex: 0)),
                let writer = state.writers[try row.decode(Int64.self, atIndex: 1)]
            else { throw StoreError(.damaged, "\(path): a vector names no writer") }
            state.vectors[Lane(rawValue: lane)].raise(
                writer, to: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 2)))
        }
    }

    func loadFrontier(into state: inout StoreState) throws {
        for row in try Row.fetchAll(db, sql: "SELECT lane, writer, sequence FROM frontier") {
            guard let lane = UInt8(exactly: try row.decode(Int64.self, atIndex: 0)),
                let writer = state.writers[try row.decode(Int64.self, atIndex: 1)]
            else { throw StoreError(.damaged, "\(path): a frontier names no writer") }
            state.frontier[Lane(rawValue: lane)].raise(
                writer, to: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 2)))
        }
    }

    func loadDigests(into state: inout StoreState) throws {
        let row = try Row.fetchOne(db, sql: "SELECT digest_0, digest_1, digest_2 FROM replica")
        guard let row else { throw StoreError(.damaged, "\(path): there are no digests") }
        for (index, lane) in Lane.all.enumerated() {
            state.digests[lane] = Digest(
                value: UInt64(bitPattern: try row.decode(Int64.self, atIndex: index)))
        }
    }

    /// Takes in what cells carry and the tables do not say; to be called last.
    func loadCarried(into state: inout StoreState) throws {
        state.tabled = StoreState.Tabled(vectors: state.vectors, clock: state.clock.latest)
        guard let writer = state.writer, let number = state.writers.numbers[writer] else { return }
        for lane in Lane.all {
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT sequence, epoch, ticks, digest FROM cell WHERE lane = ? AND writer = ?
                    ORDER BY sequence DESC LIMIT 1
                    """,
                arguments: [Int64(lane.rawValue), number])
            guard let row, let digest = try row.decode(Int64?.self, atIndex: 3) else { continue }
            let sequence = UInt64(bitPattern: try row.decode(Int64.self, atIndex: 0))
            let tabled = state.vectors[lane][writer]
            guard sequence > tabled else { continue }
            guard let epoch = UInt32(exactly: try row.decode(Int64.self, atIndex: 1)) else {
                throw StoreError(.damaged, "\(path): the latest cell has no time")
            }
            state.vectors[lane].raise(writer, to: sequence)
            state.written += sequence - tabled
            state.digests[lane] = Digest(value: UInt64(bitPattern: digest))
            state.clock.observe(
                HybridTimestamp(
                    epoch: epoch, ticks: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 2))
                ))
        }
    }

    func add(_ writer: WriterID, number: Int64) throws {
        try db.cachedStatement(sql: "INSERT INTO writer (id, writer) VALUES (?, ?)")
            .execute(arguments: [number, Data(writer.bytes)])
    }

    /// Writes what is different in `new`, and what the tables did not say of `old`.
    func save(_ new: inout StoreState, replacing old: StoreState) throws {
        try saveReplica(new)
        let tabled = old.tabled.vectors
        for lane in Lane.all
        where new.vectors[lane] != tabled[lane] && !PlantedBug.vectorUnsaved.isPlanted {
            for entry in new.vectors[lane].entries(above: tabled[lane]) {
                try save(entry, in: lane, of: "vector", writers: new.writers)
            }
        }
        new.tabled = StoreState.Tabled(vectors: new.vectors, clock: new.clock.latest)
        for lane in Lane.all where new.frontier[lane] != old.frontier[lane] {
            for entry in new.frontier[lane].entries(above: old.frontier[lane]) {
                try save(entry, in: lane, of: "frontier", writers: new.writers)
            }
        }
    }

    private func saveReplica(_ state: StoreState) throws {
        let statement = try PreparedStatement(
            db,
            """
            UPDATE replica SET nonce = ?, written = ?, clock_epoch = ?, clock_ticks = ?,
              digest_0 = ?, digest_1 = ?, digest_2 = ?
            """)
        if let nonce = state.nonce {
            statement.bind(Int64(bitPattern: nonce), at: 1)
        } else {
            statement.bindNull(at: 1)
        }
        statement.bind(Int64(bitPattern: state.written), at: 2)
        statement.bind(Int64(state.clock.latest.epoch), at: 3)
        statement.bind(Int64(bitPattern: state.clock.latest.ticks), at: 4)
        for (index, lane) in Lane.all.enumerated() {
            let digest = state.digests[lane]
            statement.bind(Int64(bitPattern: digest.value), at: Int32(5 + index))
        }
        try statement.run()
    }

    private func save(
        _ entry: VersionVector.Entry, in lane: Lane, of table: String, writers: WriterNames
    ) throws {
        guard let number = writers.numbers[entry.writer] else {
            throw StoreError(.ruleBroken, "\(path): a writer without a name")
        }
        let statement = try PreparedStatement(
            db,
            """
            INSERT INTO \(table) (lane, writer, sequence) VALUES (?, ?, ?)
            ON CONFLICT (lane, writer) DO UPDATE SET sequence = excluded.sequence
            """)
        statement.bind(Int64(lane.rawValue), at: 1)
        statement.bind(number, at: 2)
        statement.bind(Int64(bitPattern: entry.sequence), at: 3)
        try statement.run()
    }
}
