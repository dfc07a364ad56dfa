import CausalTime
import Foundation
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Which writer a store is after it was opened: a dot must never name two writes.
@Suite("The writer of a reopened replica")
struct IdentityTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("replica.sqlite")
    }

    /// The mark as the product keeps it, but in a folder of this test.
    private func mark(of path: String) throws -> FileMark {
        try FileMark(
            forDatabase: path, environment: ["CARAVAN_RUNTIME_DIR": folder.file("run")])
    }

    private func open(_ path: String) throws -> ReplicaStore {
        try .open(at: path, mark: try mark(of: path))
    }

    /// The only mark in the runtime folder.
    private func markFile() throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("run"))
        return "run/" + (try #require(names.first))
    }

    /// A closed replica at `path` that has written.
    private func makeMarked() throws -> WriterID {
        try ReplicaStore.create(at: path, fleet: testFleet, device: .numbered(1))
        let store = try open(path)
        try store.set(1, ofRow: 1, to: "first")
        defer { close(store) }
        return try #require(try store.image().writer)
    }

    private func close(_ store: ReplicaStore) {
        do { try store.close() } catch { Issue.record(error) }
    }

    @Test("is the same if the mark proves that nothing happened in between")
    func marksKeepTheWriter() throws {
        let writer = try makeMarked()
        let store = try open(path)
        #expect(try store.image().writer == writer)
        try store.set(1, ofRow: 1, to: "second")
        #expect(try store.summary().vectors[.settings][writer] == 3)
        #expect(try store.summary().vectors[.settings].entries.count == 1)
        close(store)
    }

    @Test("is a new one without a mark, and nothing of the old one is lost")
    func withoutAMark() throws {
        let writer = try makeMarked()
        try FileManager.default.removeItem(atPath: folder.file(markFile()))
        try expectNewWriter(at: path, after: writer)
    }

    @Test("is a new one for a copy under another path")
    func copiesAreOthers() throws {
        let writer = try makeMarked()
        try folder.copy("replica.sqlite", to: "copy.sqlite")
        try expectNewWriter(at: folder.file("copy.sqlite"), after: writer)
        let original = try open(path)
        #expect(try original.image().writer == writer, "the original goes on")
        close(original)
    }

    @Test("is a new one for another file at the same path")
    func replacedFilesAreOthers() throws {
        let writer = try makeMarked()
        try folder.copy("replica.sqlite", to: "copy.sqlite")
        try FileManager.default.moveItem(atPath: path, toPath: folder.file("away.sqlite"))
        try FileManager.default.moveItem(atPath: folder.file("copy.sqlite"), toPath: path)
        try expectNewWriter(at: path, after: writer)
    }

    @Test("is a new one for an older state in the same file")
    func olderStatesAreOthers() throws {
        let writer = try makeMarked()
        let older = try folder.bytes(of: "replica.sqlite")
        let store = try open(path)
        try store.set(1, ofRow: 1, to: "newer")
        close(store)
        try overwrite(path, with: older)
        try expectNewWriter(at: path, after: writer)
    }

    @Test("is a new one if the mark is of an earlier boot")
    func otherBootsProveNothing() throws {
        let writer = try makeMarked()
        var lines = try markLines()
        lines[1] = "another boot, so this machine was off"
        try folder.write(Array(lines.joined(separator: "\n").utf8), to: markFile())
        try expectNewWriter(at: path, after: writer)
    }

    @Test("is a new one if the mark is not whole", arguments: [0, 1, 10, 60])
    func brokenMarksProveNothing(length: Int) throws {
        let writer = try makeMarked()
        try folder.write(Array(folder.bytes(of: markFile()).prefix(length)), to: markFile())
        try expectNewWriter(at: path, after: writer)
    }

    @Test("is a new one if the mark is ahead, the same if it is behind")
    func marksMayBeAhead() throws {
        let mark = MemoryMark()
        let store = try ReplicaStore.make(1, at: path, mark: mark)
        try store.set(1, ofRow: 1, to: "text")
        let writer = try store.image().writer
        try store.close()
        let content = try #require(mark.read())
        #expect(content.written == 3, "an introduction, a row and a field")
        // A commit that failed after the mark had been written leaves it ahead: no proof.
        for (written, expected): (UInt64, WriterID?) in [(4, nil), (3, writer), (2, writer)] {
            mark.write(MarkContent(nonce: content.nonce, written: written))
            let reopened = try ReplicaStore.open(at: path, mark: mark)
            #expect(try reopened.image().writer == expected, "\(written)")
            try reopened.close()
        }
        mark.write(MarkContent(nonce: content.nonce &+ 1, written: 3))
        let reopened = try ReplicaStore.open(at: path, mark: mark)
        #expect(try reopened.image().writer == nil)
        try reopened.close()
    }

    @Test("is marked before its write is durable, never after")
    func marksAreWrittenFirst() throws {
        struct Broken: Error {}
        struct BrokenMark: ContinuityMark {
            func read() -> MarkContent? { nil }
            func write(_ content: MarkContent) throws { throw Broken() }
        }
        let store = try ReplicaStore.make(1, at: path, mark: BrokenMark())
        let before = try store.image()
        #expect(throws: Broken.self) { try store.set(1, ofRow: 1, to: "text") }
        #expect(try store.image() == before)
        try store.close()
    }

    @Test("of a restored replica writes no dot again that a peer has seen, and both converge")
    func restoredReplicasConverge() throws {
        let writer = try makeMarked()
        let older = try folder.bytes(of: "replica.sqlite")
        let peer = try ReplicaStore.inMemory(2)
        let store = try open(path)
        for number in 1...5 {
            try store.set(1, ofRow: 1, to: "lost by the restore \(number)", at: Int64(number))
            try store.count(10, at: 1)
        }
        try peer.pull(from: store)
        let before = try peer.segment(of: .settings, since: VersionVector())
        close(store)

        try overwrite(path, with: older)
        let restored = try open(path)
        #expect(try restored.text(1, ofRow: 1) == "first")
        try restored.set(2, ofRow: 1, to: "after the restore", at: 3)
        try restored.count(1, at: 1)
        #expect(try restored.image().writer != writer)
        let dots = try restored.image().cells.filter { $0.dot.writer == writer }
        #expect(dots.filter { $0.key.lane == .settings }.allSatisfy { $0.dot.sequence <= 2 })
        try restored.meet(peer)
        try restored.meet(peer)

        #expect(try restored.image().cells == peer.image().cells)
        #expect(try restored.summary().vectors == peer.summary().vectors)
        #expect(try restored.image().violations == [])
        #expect(try restored.text(1, ofRow: 1) == "lost by the restore 5")
        #expect(try peer.text(2, ofRow: 1) == "after the restore")
        let amounts = try peer.image().cells.filter { $0.kind == .counter }.map(\.amount)
        #expect(amounts.reduce(0, +) == 51, "nothing counted is lost, or counted twice")
        // What the peer had seen under a dot is what it still sees under it.
        for cell in before.cells {
            let now = try peer.read { try $0.cell(at: cell.key) }
            if now?.dot == cell.dot { #expect(now == cell) }
        }
        close(restored)
    }

    @Test("changes as soon as a peer shows writes under it that were not made here")
    func clonesAreNoticed() throws {
        let original = try ReplicaStore.make(1, at: path, mark: MemoryMark())
        try original.set(1, ofRow: 1, to: "before the copy")
        let writer = try #require(try original.image().writer)
        // A copy of a running machine, mark and all: the one case that a mark cannot prevent.
        let peer = try ReplicaStore.inMemory(2)
        try peer.pull(from: original)
        let claim = try peer.summary().vectors[.settings]
        _ = try peer.apply(
            Segment(
                lane: .settings, base: claim,
                claim: claim.merging(VersionVector([(writer, UInt64(3))])),
                clock: .at(50),
                cells: [
                    Cell(
                        key: .field(2, ofRow: 1), kind: .register,
                        dot: Dot(writer: writer, sequence: 3), timestamp: .at(50), causalLength: 1,
                        value: CellValue.text("by the clone").encoded)
                ]))
        try original.pull(from: peer)
        #expect(try original.image().writer == nil)
        try original.set(3, ofRow: 1, to: "under a new name")
        #expect(try original.image().writer != writer)
        #expect(try original.summary().vectors[.settings][writer] == 3)
        try original.meet(peer)
        #expect(try original.image().cells == peer.image().cells)
        #expect(try original.text(2, ofRow: 1) == "by the clone")
        #expect(try original.image().violations == [])
        try original.close()
    }

    /// Opens, writes and finds a new writer, under which the dots of the old one stay as they are.
    private func expectNewWriter(at path: String, after old: WriterID) throws {
        let store = try open(path)
        let held = try store.image().cells
        #expect(try store.image().writer == nil, "no proof, so none until the first write")
        try store.set(2, ofRow: 1, to: "by the new writer")
        let writer = try #require(try store.image().writer)
        #expect(writer != old)
        let image = try store.image()
        #expect(Set(image.cells).isSuperset(of: held))
        #expect(image.summary.vectors[.settings][old] == 2, "a row and a field")
        #expect(image.violations == [])
        #expect(try store.read { try $0.devicesOfWriters()[writer] } == .numbered(1))
        close(store)
        let again = try open(path)
        #expect(try again.image().writer == writer, "the new one is marked")
        close(again)
    }

    private func markLines() throws -> [String] {
        String(decoding: try folder.bytes(of: markFile()), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Writes into the same file, as `cp` over it does.
    private func overwrite(_ path: String, with bytes: [UInt8]) throws {
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }
}
