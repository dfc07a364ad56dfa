import ReplicaStore
import Synchronization

/// A continuity mark that survives a simulated crash and nothing else.
final class MemoryMark: ContinuityMark {
    private let content = Mutex<MarkContent?>(nil)

    func read() -> MarkContent? { content.withLock { $0 } }

    func write(_ content: MarkContent) throws {
        self.content.withLock { $0 = content }
    }
}
