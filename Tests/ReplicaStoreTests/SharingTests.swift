import CausalTime
import Foundation
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

@Suite("The lock of a replica")
struct LockTests {
    @Test("keeps a second process out until the first one is gone")
    func exclusiveLocks() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("lock")
        var first: StoreLock? = try StoreLock(path: path, mode: .exclusive)
        for mode in [StoreLock.Mode.exclusive, .shared] {
            #expect(try code { _ = try StoreLock(path: path, mode: mode) } == .inUse)
        }
        withExtendedLifetime(first) {}
        first = nil
        _ = try StoreLock(path: path, mode: .exclusive)
    }

    @Test("lets several look, and none write meanwhile")
    func sharedLocks() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("lock")
        let first = try StoreLock(path: path, mode: .shared)
        let second = try StoreLock(path: path, mode: .shared)
        #expect(try code { _ = try StoreLock(path: path, mode: .exclusive) } == .inUse)
        withExtendedLifetime((first, second)) {}
    }

    @Test("says where it cannot be")
    func missingFolders() throws {
        let refusal = try code { _ = try StoreLock(path: "/nowhere/lock", mode: .exclusive) }
        #expect(refusal == .inputOutput)
    }
}

@Suite("Looking into a replica")
struct InspectTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("replica.sqlite")
    }

    @Test("that is served shows every commit, and disturbs nothing")
    func servedReplicas() throws {
        let store = try ReplicaStore.make(1, at: path)
        for number in 1...5 {
            try store.set(1, ofRow: 1, to: "\(number)")
            let before = try folder.contents()
            let seen = try ReplicaStore.inspect(at: path) { snapshot in
                (try snapshot.allCells(), snapshot.summary, try snapshot.violations())
            }
            #expect(seen.0 == (try store.image().cells))
            #expect(seen.1 == (try store.summary()))
            #expect(seen.2 == [])
            let after = try folder.contents()
            #expect(after.keys == before.keys)
            for name in ["replica.sqlite", "replica.sqlite-wal"] {
                #expect(after[name] == before[name], "\(name)")
            }
        }
        try store.close()
        #expect(try folder.names() == ["replica.sqlite"])
    }

    @Test("sees one state, whatever is written meanwhile")
    func snapshotsStandStill() throws {
        let store = try ReplicaStore.make(1, at: path)
        try store.set(1, ofRow: 1, to: "before")
        let cells = try ReplicaStore.inspect(at: path) { snapshot in
            let first = try snapshot.allCells()
            try store.set(1, ofRow: 1, to: "meanwhile")
            return (first, try snapshot.allCells())
        }
        #expect(cells.0 == cells.1)
        #expect(try store.text(1, ofRow: 1) == "meanwhile")
        try store.close()
    }

    @Test("that is closed changes no byte and leaves nothing beside it")
    func closedReplicas() throws {
        let store = try ReplicaStore.make(1, at: path)
        try store.set(1, ofRow: 1, to: "text")
        let image = try store.image()
        try store.close()
        let before = try folder.contents()
        let contents = try ReplicaStore.contents(of: path)
        #expect(contents.cells == image.cells)
        #expect(contents.vectors == image.summary.vectors)
        #expect(contents.clock == image.summary.clock)
        #expect(contents.writer == image.writer)
        #expect(contents.fleet == testFleet)
        #expect(contents.device == .numbered(1))
        #expect(contents.violations == [])
        #expect(try folder.contents() == before)
    }

    @Test("that begins to be served while it is being read is read again")
    func openingMeanwhile() throws {
        let closed = try ReplicaStore.make(1, at: path)
        try closed.set(1, ofRow: 1, to: "before")
        try closed.close()
        var stores: [ReplicaStore] = []
        let texts = try ReplicaStore.inspect(at: path) { snapshot in
            if stores.isEmpty {
                stores.append(try ReplicaStore.open(at: path, mark: NoMark()))
                try stores[0].set(1, ofRow: 1, to: "after")
            }
            return try snapshot.cell(at: .field(1, ofRow: 1)).map(\.value)
        }
        #expect(texts == CellValue.text("after").encoded)
        try stores[0].close()
    }

    @Test("that was copied with its log reads the log and leaves the copy alone")
    func copiesWithALog() throws {
        let store = try ReplicaStore.make(1, at: path)
        try store.set(1, ofRow: 1, to: "in the log")
        let copy = try TemporaryFolder()
        for name in ["replica.sqlite", "replica.sqlite-wal"] {
            try copy.write(folder.bytes(of: name), to: name)
        }
        let before = try copy.contents()
        let contents = try ReplicaStore.contents(of: copy.file("replica.sqlite"))
        #expect(contents.cells == (try store.image().cells))
        #expect(try copy.contents() == before)
        try store.close()
    }

    @Test("works where the path holds spaces and signs")
    func pathsWithSigns() throws {
        for name in ["a b.sqlite", "100%25?mode=rw#x.sqlite", "ü.sqlite"] {
            let store = try ReplicaStore.make(1, at: folder.file(name))
            try store.set(1, ofRow: 1, to: name)
            let cells = try store.image().cells
            try store.close()
            #expect(try ReplicaStore.contents(of: folder.file(name)).cells == cells, "\(name)")
        }
    }
}
