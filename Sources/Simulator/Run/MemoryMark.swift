import ReplicaStore
import Synchronization

/// A continuity mark that survives the end of a process, and not a power cut.
final class MemoryMark: ContinuityMark {
    private let content = Mutex<MarkContent?>(nil)

    func read() -> MarkContent? { content.withLock { $0 } }

    func write(_ content: MarkContent) throws {
        self.content.withLock { $0 = content }
    }

    func forget() { content.withLock { $0 = nil } }
}
