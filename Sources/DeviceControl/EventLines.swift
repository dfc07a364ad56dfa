package import Caravan
package import SyncEngine
import Synchronization

/// The lines of a serving process' log: one for each event, but for callers beyond ``CallerLimit``.
package final class EventLines: Sendable {
    private let isJSON: Bool
    private let callers = Mutex(CallerLimit())

    /// Makes a log of lines for people, or for programs.
    package init(isJSON: Bool) { self.isJSON = isJSON }

    /// Adds an event.
    ///
    /// - Parameters:
    ///   - event: What happened.
    ///   - now: When.
    ///   - write: Called with every line, in order and for one event at a time; must not wait.
    package func add(
        _ event: SyncEvent, at now: MonotonicTime = .now, _ write: (String) -> Void
    ) {
        callers.withLock { callers in
            // With any event, not only the next caller: the sooner it is told the better.
            let number = callers.takeLeftOut(at: now)
            if number > 0 { write(line(leftOut: number)) }
            if case .unknownCaller = event, !callers.admits(at: now) { return }
            write(line(event))
        }
    }

    /// Ends the log.
    ///
    /// - Parameter write: Called with the line that is left to be written, if there is one.
    package func end(_ write: (String) -> Void) {
        callers.withLock { callers in
            let number = callers.takeLeftOut()
            if number > 0 { write(line(leftOut: number)) }
        }
    }

    private func line(_ event: SyncEvent) -> String {
        guard isJSON else { return DeviceText.line(event) }
        do { return try DeviceJSON.line(event) } catch { return DeviceText.line(event) }
    }

    private func line(leftOut number: Int) -> String {
        let text = DeviceText.line(leftOut: number)
        guard isJSON else { return text }
        do { return try DeviceJSON.line(leftOut: number) } catch { return text }
    }
}
