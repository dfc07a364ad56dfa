import CausalTime
import Foundation
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

@Suite("A damaged replica")
struct DamageTests {
    let folder: TemporaryFolder
    let path: String
    let sound: [UInt8]
    let cells: [Cell]

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("replica.sqlite")
        let store = try ReplicaStore.make(1, at: path)
        let peer = try ReplicaStore.inMemory(2)
        for row: UInt8 in 0..<40 {
            try store.set(1, ofRow: row, to: String(repeating: "a", count: 200))
            try store.count(UInt64(row), at: row)
            try peer.set(1, ofRow: row, to: String(repeating: "b", count: 200), at: 5)
        }
        try store.pull(from: peer)
        cells = try store.image().cells
        try store.close()
        sound = try folder.bytes(of: "replica.sqlite")
    }

    @Test("is refused or read, never a trap, wherever a byte has changed")
    func flippedBytesAreSurvived() throws {
        var random = Seed(5).generator
        var refusals: [StoreError.Code: Int] = [:]
        let count = 60
        for _ in 0..<count {
            var bytes = sound
            for _ in 0...random.next() % 3 {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() % 256)
            }
            let refusal = try outcome(of: bytes)
            if let refusal { refusals[refusal, default: 0] += 1 }
        }
        #expect(refusals.keys.allSatisfy { Self.expected.contains($0) }, "\(refusals)")
    }

    @Test("is refused or read, never a trap, whichever byte of a page's head has changed")
    func flippedHeadsAreSurvived() throws {
        for page in 0..<sound.count / 4096 {
            for offset in [0, 1, 3, 5, 8, 9, 10, 11] {
                var bytes = sound
                bytes[page * 4096 + offset + (page == 0 ? 100 : 0)] ^= 0xff
                let refusal = try outcome(of: bytes)
                if let refusal { #expect(Self.expected.contains(refusal), "\(page) \(offset)") }
            }
        }
    }

    @Test("that was not closed is read whole before it is used, and left as it is if it is damaged")
    func uncleanEndsAreChecked() throws {
        let store = try ReplicaStore.open(at: path, mark: NoMark())
        try store.set(1, ofRow: 0, to: String(repeating: "c", count: 300), at: 9)
        let expected = try store.image().cells
        let (database, log) = (
            try folder.bytes(of: "replica.sqlite"), try folder.bytes(of: "replica.sqlite-wal")
        )
        try store.close()
        var random = Seed(9).generator
        var refused = 0
        for round in 0..<60 {
            var (damaged, damagedLog) = (database, log)
            switch round % 3 {
            case 0:
                // Most bytes are of no cell, or of pages that the log has a later state of.
                for _ in 0..<8 { damaged[Int(random.next() % UInt64(database.count))] ^= 0x40 }
            case 1: damagedLog[Int(random.next() % UInt64(log.count))] ^= 0x40
            default: break
            }
            try folder.write(damaged, to: "replica.sqlite")
            try folder.write(damagedLog, to: "replica.sqlite-wal")
            do {
                let store = try ReplicaStore.open(at: path, mark: NoMark())
                let cells = try store.image().cells
                // SQLite takes a torn log for one that ends earlier.
                #expect(cells == expected || round % 3 == 1 && cells == self.cells, "\(round)")
                try store.close()
            } catch let error as StoreError {
                #expect(round % 3 != 2 && Self.expected.contains(error.code), "\(error)")
                #expect(try folder.bytes(of: "replica.sqlite") == damaged)
                #expect(try folder.bytes(of: "replica.sqlite-wal") == damagedLog)
                refused += 1
            }
            try folder.remove("replica.sqlite-shm")
        }
        #expect(refused > 0)
    }

    @Test("whose columns have other types is damaged, not a trap")
    func otherTypesAreDamage() throws {
        // Serial types in record headers: null, float, text and blob in place of what was there.
        for type: UInt8 in [0, 7, 12, 13, 20] {
            for offset in stride(from: 100, to: sound.count, by: 1601) where sound[offset] < 0x40 {
                var bytes = sound
                bytes[offset] = type
                guard bytes != sound else { continue }
                _ = try outcome(of: bytes)
            }
        }
    }

    @Test("that lost a page still shows the cells of the others, and says so")
    func otherPagesAreRead() throws {
        let pages = sound.count / 4096
        var salvaged = 0
        for page in 1..<pages {
            var bytes = sound
            bytes.replaceSubrange(
                page * 4096..<(page + 1) * 4096, with: Array(repeating: 0xa5, count: 4096))
            try folder.write(bytes, to: "replica.sqlite")
            let before = try folder.contents()
            do {
                let contents = try ReplicaStore.contents(of: path)
                #expect(!contents.violations.isEmpty, "page \(page)")
                if contents.cells.count < cells.count, contents.cells.count > 20 { salvaged += 1 }
                // Whose they are is lost with the table of writers, what they say is not.
                let known = Set(cells.map { $0.key.row + $0.value })
                #expect(
                    contents.cells.allSatisfy { known.contains($0.key.row + $0.value) },
                    "page \(page)")
            } catch let error as StoreError {
                // The table of tables itself.
                #expect(error.code == .damaged, "page \(page): \(error)")
            }
            #expect(try folder.contents() == before, "page \(page)")
        }
        #expect(salvaged > 0)
    }

    @Test("that was cut off is refused, and keeps its bytes")
    func cutFilesAreRefused() throws {
        for size in [100, 512, 4096, 8192, sound.count / 2] {
            let refusal = try outcome(of: Array(sound.prefix(size)))
            #expect(
                refusal == .damaged || refusal == .notAReplica,
                "\(size): \(String(describing: refusal))")
        }
    }

    @Test("whose value has changed does not pass the inspection")
    func changedValuesAreFound() throws {
        let text = Array(String(repeating: "b", count: 100).utf8)
        let offset = try #require(sound.firstRange(of: text)).lowerBound
        var bytes = sound
        bytes[offset + 50] = UInt8(ascii: "c")
        try folder.write(bytes, to: "replica.sqlite")
        let violations = try ReplicaStore.contents(of: path).violations
        #expect(violations.count == 1)
        #expect(violations.first?.hasPrefix("settings: digest") == true, "\(violations)")
    }

    private static let expected: Set<StoreError.Code> = [
        .damaged, .notAReplica, .newerSchema, .inputOutput,
    ]

    /// Opens, reads and looks into a file of these bytes.
    ///
    /// What is refused keeps them.
    private func outcome(of bytes: [UInt8]) throws -> StoreError.Code? {
        try folder.write(bytes, to: "replica.sqlite")
        let looking = try code { _ = try ReplicaStore.contents(of: path) }
        #expect(try folder.bytes(of: "replica.sqlite") == bytes)
        let opening = try code {
            let store = try ReplicaStore.open(at: path)
            defer {
                do { try store.close() } catch { print("closing: \(error)") }
            }
            _ = try store.read { snapshot in
                (try snapshot.allCells(), try snapshot.lostValues(), try snapshot.violations())
            }
        }
        for name in try folder.names() where name != "replica.sqlite" {
            try FileManager.default.removeItem(atPath: folder.file(name))
        }
        return opening ?? looking
    }
}
