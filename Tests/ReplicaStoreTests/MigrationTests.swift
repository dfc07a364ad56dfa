import CausalTime
import Foundation
import GRDB
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Replicas of every schema that there ever was.
@Suite("A replica of an earlier schema")
struct MigrationTests {
    @Test("opens with everything that it held, and goes on", arguments: [1])
    func opens(schema: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/replica.sqlite"
        let before = try Self.restore(schema, to: path)
        let store = try ReplicaStore.open(at: path, mark: NoMark())

        let (cells, violations) = try store.read { (try $0.allCells(), try $0.violations()) }
        #expect(violations == [])
        #expect(Set(cells.map(\.dot)) == before.dots)
        #expect(cells.count == before.count)
        let name = try store.read { try $0.cell(at: Self.nickname) }
        #expect(name.flatMap { CellValue(encoded: $0.value) } == .text("Nippon"))
        let usage = cells.filter { $0.key.lane == .usage && $0.kind == .counter }
        #expect(Set(usage.map(\.amount)) == [5_000_000, 25_000_000, 1_000_000_000])
        #expect(try store.read { try $0.lostValues() }.count == 2)

        // It takes part again: a fresh device learns all of it, and what is written from now on.
        try store.count(1, at: 9)
        let fresh = try ReplicaStore.inMemory(
            fleet: store.fleet, device: .numbered(9), options: ReplicaStore.Options())
        try fresh.pull(from: store)
        #expect(try fresh.summary().digest == store.summary().digest)
        try store.close()
        #expect(
            try ReplicaStore.open(at: path, mark: NoMark()).summary().digest
                == fresh.summary().digest)
    }

    private static let nickname = CellKey(
        lane: .settings, collection: CollectionID(rawValue: 16),
        row: Array("8999999000000001014".utf8), field: FieldID(rawValue: 1))

    /// Makes the database of a text in the folder of fixtures, and says which writes it holds.
    private static func restore(_ schema: Int, to path: String) throws -> (
        dots: Set<Dot>, count: Int
    ) {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/schema-\(schema).sql")
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write {
            try $0.execute(sql: String(contentsOf: file, encoding: .utf8))
        }
        let rows = try queue.read {
            try Row.fetchAll(
                $0,
                sql: """
                    SELECT writer.writer, cell.sequence
                    FROM cell JOIN writer ON writer.id = cell.writer
                    """)
        }
        try queue.close()
        let dots = rows.compactMap { row in
            WriterID(bytes: row[0] as Data).map {
                Dot(writer: $0, sequence: UInt64(row[1] as Int64))
            }
        }
        return (Set(dots), rows.count)
    }
}
