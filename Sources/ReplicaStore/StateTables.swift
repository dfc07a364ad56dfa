import CausalTime
import Foundation
internal import GRDB
import ReplicaModel

/// The tables `replica`, `writer`, `vector` and `digest`: the durable form of ``StoreState``.
struct StateTables {
    let db: Database
    let path: String

    func create(fleet: FleetID, device: DeviceID) throws {
        try db.execute(
            sql: "INSERT INTO replica VALUES (1, ?, ?, NULL, 0, 0, 0)",
            arguments: [Data(fleet.bytes), Data(device.bytes)])
    }

    func load() throws -> StoreState {
        var state = try loadReplica()
        try loadWriters(into: &state)
        try loadVectors(into: &state)
        try loadFrontier(into: &state)
        try loadDigests(into: &state)
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
        for row in try Row.fetchAll(db, sql: "SELECT lane, value FROM digest") {
            guard let lane = UInt8(exactly: try row.decode(Int64.self, atIndex: 0)) else {
                throw StoreError(.damaged, "\(path): a digest names no lane")
            }
            state.digests[Lane(rawValue: lane)] = Digest(
                value: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 1)))
        }
    }

    func add(_ writer: WriterID, number: Int64) throws {
        try db.cachedStatement(sql: "INSERT INTO writer (id, writer) VALUES (?, ?)")
            .execute(arguments: [number, Data(writer.bytes)])
    }

    /// Writes what is different in `new`.
    func save(_ new: StoreState, replacing old: StoreState) throws {
        try db.cachedStatement(
            sql: "UPDATE replica SET nonce = ?, written = ?, clock_epoch = ?, clock_ticks = ?"
        ).execute(arguments: [
            new.nonce.map(Int64.init(bitPattern:)), Int64(bitPattern: new.written),
            Int64(new.clock.latest.epoch), Int64(bitPattern: new.clock.latest.ticks),
        ])
        for lane in Lane.all where new.vectors[lane] != old.vectors[lane] {
            for entry in new.vectors[lane].entries(above: old.vectors[lane]) {
                try save(entry, in: lane, of: "vector", writers: new.writers)
            }
        }
        for lane in Lane.all where new.frontier[lane] != old.frontier[lane] {
            for entry in new.frontier[lane].entries(above: old.frontier[lane]) {
                try save(entry, in: lane, of: "frontier", writers: new.writers)
            }
        }
        for lane in Lane.all {
            guard let digest = new.digests[lane], digest != old.digests[lane] else { continue }
            try db.cachedStatement(
                sql: """
                    INSERT INTO digest (lane, value) VALUES (?, ?)
                    ON CONFLICT (lane) DO UPDATE SET value = excluded.value
                    """
            ).execute(arguments: [Int64(lane.rawValue), Int64(bitPattern: digest.value)])
        }
    }

    private func save(
        _ entry: VersionVector.Entry, in lane: Lane, of table: String, writers: WriterNames
    ) throws {
        guard let number = writers.numbers[entry.writer] else {
            throw StoreError(.ruleBroken, "\(path): a writer without a name")
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO \(table) (lane, writer, sequence) VALUES (?, ?, ?)
                ON CONFLICT (lane, writer) DO UPDATE SET sequence = excluded.sequence
                """
        ).execute(arguments: [
            Int64(lane.rawValue), number, Int64(bitPattern: entry.sequence),
        ])
    }
}
