import CausalTime
import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncTestKit
import Testing

/// Two devices that each met another copy of a third: they have seen the same, and hold two
/// contents of one write.
@Suite("Replicas that have seen the same and hold different cells")
struct MendTests {
    private func diverged() throws -> (ReplicaStore, ReplicaStore) {
        let copies = try [ReplicaStore.inMemory(1), ReplicaStore.inMemory(1)]
        let peers = try [ReplicaStore.inMemory(2), ReplicaStore.inMemory(3)]
        for (index, copy) in copies.enumerated() {
            for row: UInt8 in 0..<20 {
                try copy.set(1, ofRow: row, to: row == 7 ? "copy \(index)" : "the same")
            }
            try peers[index].pull(from: copy)
        }
        let summaries = try peers.map { try $0.summary() }
        #expect(summaries[0].vectors == summaries[1].vectors)
        #expect(summaries[0].digest != summaries[1].digest)
        return (peers[0], peers[1])
    }

    @Test("find each other's cells by their hashes, and hold the same afterwards")
    func mended() throws {
        let (one, other) = try diverged()
        let (ours, theirs) = (Set(try one.cellHashes()), Set(try other.cellHashes()))
        let lacking = try other.cells(hashed: theirs.subtracting(ours))
        #expect(!lacking.isEmpty && lacking.count < 10)
        let mended = try one.mend(lacking)
        let back = try other.mend(mended.held)
        #expect(mended.changed + back.changed > 0)
        #expect(try one.summary().digest == other.summary().digest)
        #expect(try one.summary().vectors == other.summary().vectors)
        #expect(try one.image().cells == other.image().cells)
    }

    @Test("keep the content that lost where it was held")
    func lostContent() throws {
        let (one, other) = try diverged()
        let (ours, theirs) = (
            try one.cells(hashed: Set(one.cellHashes())),
            try other.cells(hashed: Set(other.cellHashes()))
        )
        _ = try one.mend(theirs)
        _ = try other.mend(ours)
        let lost = try [one, other].map { store in
            try store.read { try $0.lostValues().map(\.value) }
        }
        #expect(lost.map(\.count).sorted() == [0, 1])
        #expect(try one.image().cells == other.image().cells)
    }

    @Test("raise an alarm where something was changed")
    func alarm() throws {
        let (one, other) = try diverged()
        let all = try other.cells(hashed: Set(try other.cellHashes()))
        let changed = try one.mend(all).changed
        let back = try other.mend(try one.cells(hashed: Set(try one.cellHashes()))).changed
        for (store, count) in [(one, changed), (other, back)] {
            let alarms = try store.read { try $0.alarms() }
            #expect(alarms.contains { $0.code == .diverged } == (count > 0))
        }
        #expect(changed + back > 0)
    }

    @Test("change nothing by what they hold already, nor by what they have not seen")
    func nothingToMend() throws {
        let (one, other) = try diverged()
        let before = try one.image()
        #expect(try one.mend(one.cells(hashed: Set(one.cellHashes()))).changed == 0)
        try other.set(1, ofRow: 30, to: "later", at: 10)
        #expect(throws: StoreError(.ruleBroken, "")) {
            try one.mend(try other.cells(hashed: Set(try other.cellHashes())))
        }
        #expect(try one.image().cells == before.cells)
    }
}
