import CausalTime
import Foundation
internal import GRDB
import ReplicaModel

/// States at which this replica and a peer are known to have been at the same time.
///
/// The next greeting to that peer is described against the latest of them. Only a convenience:
/// what is lost of it costs bytes, so it is kept in memory and written along with other things.
struct CommonStates: Sendable {
    /// By peer, the latest first.
    private var states: [DeviceID: [ReplicaSummary]] = [:]
    /// The peers, the one met last at the end.
    private var order: [DeviceID] = []
    /// Peers whose states have changed since they were written.
    private(set) var unsaved: Set<DeviceID> = []
    /// When they were last written.
    var savedAt = WallTime(milliseconds: .min)

    /// Of how many peers states are kept.
    static let peersMax = 64
    /// How many are kept of a peer while it is connected: each side may know of later ones than the
    /// other when a connection is cut.
    static let statesMax = 8
    /// How many of them are written.
    static let savedMax = 2

    /// The states shared with a peer, the latest first.
    func states(with peer: DeviceID) -> [ReplicaSummary] { states[peer] ?? [] }

    /// Adds a state that has just been reached.
    mutating func add(_ summary: ReplicaSummary, with peer: DeviceID) {
        guard states[peer]?.first != summary else { return }
        states[peer] = Array(([summary] + states(with: peer)).prefix(Self.statesMax))
        order.removeAll { $0 == peer }
        order.append(peer)
        unsaved.insert(peer)
        guard order.count > Self.peersMax else { return }
        let oldest = order.removeFirst()
        states[oldest] = nil
        unsaved.insert(oldest)
    }

    /// Says that all is written.
    mutating func didSave(at time: WallTime) {
        unsaved = []
        savedAt = time
    }
}

/// The table `common`: the durable form of ``CommonStates``.
struct CommonTable {
    let db: Database

    func load(writers: WriterNames) throws -> CommonStates {
        var states = CommonStates()
        for row in try Row.fetchAll(db, sql: "SELECT peer, state FROM common ORDER BY id") {
            guard let peer = DeviceID(bytes: try row.decode(Data.self, atIndex: 0)),
                let summary = ReplicaSummary(
                    stored: Array(try row.decode(Data.self, atIndex: 1)), writers: writers)
            else { continue }
            states.add(summary, with: peer)
        }
        states.didSave(at: WallTime(milliseconds: .min))
        return states
    }

    func save(_ states: CommonStates, writers: WriterNames) throws {
        for peer in states.unsaved {
            try db.cachedStatement(sql: "DELETE FROM common WHERE peer = ?")
                .execute(arguments: [Data(peer.bytes)])
            for summary in states.states(with: peer).prefix(CommonStates.savedMax).reversed() {
                guard let stored = summary.stored(writers: writers) else { continue }
                try db.cachedStatement(sql: "INSERT INTO common (peer, state) VALUES (?, ?)")
                    .execute(arguments: [Data(peer.bytes), Data(stored)])
            }
        }
    }
}

extension ReplicaSummary {
    /// All of it, with writers by their local numbers; nothing if one has no number.
    fileprivate func stored(writers: WriterNames) -> [UInt8]? {
        var out = ByteWriter()
        out.fixed64(digest.value)
        out.varint(UInt64(clock.epoch))
        out.varint(clock.ticks)
        for vectors in [vectors, frontier] {
            for lane in Lane.all {
                guard let bytes = writers.bytes(of: vectors[lane]) else { return nil }
                out.counted(bytes)
            }
        }
        out.fixed64(name.rawValue)
        return out.bytes
    }

    /// What ``stored(writers:)`` wrote; nothing if it is not that, as its name shows.
    fileprivate init?(stored bytes: [UInt8], writers: WriterNames) {
        var reader = ByteReader(bytes)
        do {
            let digest = Digest(value: try reader.fixed64())
            let epoch = UInt32(truncatingIfNeeded: try reader.varint())
            let clock = HybridTimestamp(epoch: epoch, ticks: try reader.varint())
            let vectors = try Self.vectors(from: &reader, writers: writers)
            let frontier = try Self.vectors(from: &reader, writers: writers)
            self.init(vectors: vectors, frontier: frontier, digest: digest, clock: clock)
            guard name.rawValue == (try reader.fixed64()) else { return nil }
        } catch {
            return nil
        }
    }

    private static func vectors(
        from reader: inout ByteReader, writers: WriterNames
    ) throws(ByteReader.Fault) -> LaneVectors {
        var vectors = LaneVectors()
        for lane in Lane.all {
            let bytes = try reader.counted(atMost: reader.remaining, of: "bytes of a vector")
            guard let vector = writers.context(bytes) else { throw reader.fault("a vector") }
            vectors[lane] = vector
        }
        return vectors
    }
}
