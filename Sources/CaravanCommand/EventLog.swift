import Dispatch
import Synchronization

/// Writes the log of `serve` beside the work: a terminal that stands still must not hold it up.
final class EventLog: Sendable {
    /// How many lines may wait; what comes on top is counted and left out.
    private static let waitingMax = 10_000
    /// How long the end of the process waits for the last lines.
    private static let patience = DispatchTimeInterval.seconds(1)

    private let queue = DispatchQueue(label: "caravan.log")
    private let waiting = Mutex(0)

    /// Writes a line, some time soon.
    func write(_ line: String) {
        let fits = waiting.withLock { waiting in
            guard waiting < Self.waitingMax else { return false }
            waiting += 1
            return true
        }
        guard fits else { return }
        queue.async {
            Output.write(line)
            self.waiting.withLock { $0 -= 1 }
        }
    }

    /// Waits until everything has been written, but not for long.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + Self.patience)
    }
}
