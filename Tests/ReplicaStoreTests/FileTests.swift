import CausalTime
import Foundation
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

@Suite("A replica's file")
struct FileTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("replica.sqlite")
    }

    @Test("is written ahead and synchronized with every commit")
    func commitsAreDurable() throws {
        let store = try ReplicaStore.make(1, at: path)
        #expect(try store.durability().journalMode == "wal")
        #expect(try store.durability().synchronous == 2)
        try store.close()
        let reopened = try ReplicaStore.open(at: path)
        #expect(try reopened.durability().journalMode == "wal")
        #expect(try reopened.durability().synchronous == 2)
        try reopened.close()
    }

    @Test("is one file once it is closed, and holds everything")
    func closedIsOneFile() throws {
        let store = try ReplicaStore.make(1, at: path)
        try store.set(1, ofRow: 1, to: "text")
        let before = try store.image()
        try store.close()
        #expect(try folder.names() == ["replica.sqlite"])
        let reopened = try ReplicaStore.open(at: path)
        #expect(try reopened.image().cells == before.cells)
        #expect(try reopened.summary() == before.summary)
        try reopened.close()
    }

    @Test("is found as it was by a process that follows one which was killed")
    func killedProcessesLoseNothing() throws {
        let store = try ReplicaStore.make(1, at: path)
        for number: UInt8 in 0..<50 { try store.set(1, ofRow: number, to: "\(number)") }
        // The files as they are while the store is open: what kill -9 would leave behind.
        let killed = try TemporaryFolder()
        for name in ["replica.sqlite", "replica.sqlite-wal"] {
            try killed.write(folder.bytes(of: name), to: name)
        }
        let reopened = try ReplicaStore.open(at: killed.file("replica.sqlite"))
        #expect(try reopened.image().cells == store.image().cells)
        #expect(try reopened.summary() == store.summary())
        #expect(try reopened.image().violations == [])
        try reopened.close()
        try store.close()
    }

    @Test("that is there already is not made again")
    func makingTwiceIsRefused() throws {
        try ReplicaStore.make(1, at: path).close()
        let before = try folder.contents()
        let second = try code {
            try ReplicaStore.create(at: path, fleet: testFleet, device: .numbered(2))
        }
        #expect(second == .alreadyExists)
        #expect(try folder.contents() == before)
    }

    @Test("that was left half made by a crash is made anew")
    func draftsAreReplaced() throws {
        try folder.write(Array("half of a database".utf8), to: "replica.sqlite.new")
        let store = try ReplicaStore.make(1, at: path)
        try store.set(1, ofRow: 1, to: "text")
        try store.close()
        #expect(try folder.names() == ["replica.sqlite"])
    }

    @Test("that is missing is not found")
    func missingFilesAreNotFound() throws {
        #expect(try code { _ = try ReplicaStore.open(at: path) } == .notFound)
        #expect(try code { _ = try ReplicaStore.inspect(at: path) { _ in } } == .notFound)
        #expect(try folder.names() == [])
    }

    @Test(
        "of another kind is not taken for a replica, and keeps its bytes",
        arguments: ["", "x", String(repeating: "This is a text. ", count: 1000)])
    func otherFilesAreRefused(text: String) throws {
        try folder.write(Array(text.utf8), to: "replica.sqlite")
        try expectRefusal(.notAReplica)
    }

    @Test("of another application is not taken for a replica, and keeps its bytes")
    func otherDatabasesAreRefused() throws {
        try ReplicaStore.make(1, at: path).close()
        try patch(at: 68, with: [0, 0, 0, 1])
        try expectRefusal(.notAReplica)
    }

    @Test("of a newer schema is left to newer software, and keeps its bytes")
    func newerSchemasAreRefused() throws {
        try ReplicaStore.make(1, at: path).close()
        try patch(at: 60, with: [0, 0, 0, 99])
        try expectRefusal(.newerSchema)
    }

    @Test("of a newer schema whose log has not been merged gets no index beside it")
    func newerSchemasWithALogAreRefused() throws {
        let store = try ReplicaStore.make(1, at: path)
        try store.set(1, ofRow: 1, to: "text")
        let killed = try TemporaryFolder()
        for name in ["replica.sqlite", "replica.sqlite-wal"] {
            try killed.write(folder.bytes(of: name), to: name)
        }
        try store.close()
        let before = try killed.contents()
        // The log holds no new first page, so the version in the file counts.
        let contents = try ReplicaStore.contents(of: killed.file("replica.sqlite"))
        #expect(contents.violations == [])
        #expect(try killed.contents() == before)
    }

    /// Neither opening nor looking works, and not a byte changes.
    private func expectRefusal(_ expected: StoreError.Code) throws {
        let before = try folder.contents()
        #expect(try code { _ = try ReplicaStore.open(at: path) } == expected)
        #expect(try code { _ = try ReplicaStore.inspect(at: path) { _ in } } == expected)
        #expect(try code { _ = try ReplicaStore.contents(of: path) } == expected)
        #expect(try folder.contents() == before)
    }

    private func patch(at offset: Int, with patch: [UInt8]) throws {
        var bytes = try folder.bytes(of: "replica.sqlite")
        bytes.replaceSubrange(offset..<offset + patch.count, with: patch)
        try folder.write(bytes, to: "replica.sqlite")
    }
}

@Suite("A full disk")
struct FullDiskTests {
    @Test("fails the write, undoes it, and is over when there is space again")
    func fullDisksUndo() throws {
        let folder = try TemporaryFolder()
        let store = try ReplicaStore.make(1, at: folder.file("replica.sqlite"))
        try store.set(1, ofRow: 1, to: "before")
        let before = try store.image()
        let large = String(repeating: "x", count: 40_000)
        try store.limitGrowth(toPages: 2)
        #expect(try code { try store.set(1, ofRow: 2, to: large) } == .diskFull)
        #expect(try store.image() == before)
        #expect(try store.reopened().image().cells == before.cells)

        try store.limitGrowth(toPages: nil)
        try store.set(1, ofRow: 2, to: large)
        #expect(try store.text(1, ofRow: 2) == large)
        #expect(try store.image().violations == [])
        let writer = try #require(before.writer)
        #expect(try store.summary().vectors[.settings][writer] == 4, "no sequence was used up")
        try store.close()
    }

    @Test("in the middle of a segment undoes all of it")
    func fullDisksUndoSegments() throws {
        let folder = try TemporaryFolder()
        let store = try ReplicaStore.make(1, at: folder.file("replica.sqlite"))
        let peer = try ReplicaStore.inMemory(2)
        for row: UInt8 in 0..<20 {
            try peer.set(1, ofRow: row, to: String(repeating: "x", count: 4000))
        }
        let before = try store.image()
        try store.limitGrowth(toPages: 5)
        #expect(try code { try store.pull(from: peer) } == .diskFull)
        let after = try store.image()
        #expect(after.cells.allSatisfy { $0.key.lane == .control })
        #expect(after.summary.vectors[.settings] == before.summary.vectors[.settings])
        #expect(after.violations == [])
        try store.limitGrowth(toPages: nil)
        try store.pull(from: peer)
        #expect(try store.image().cells == peer.image().cells)
        try store.close()
    }
}
