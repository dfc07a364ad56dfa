import SyncEngine
import Synchronization

/// The turns of all connections of a replica, over whichever loops they run.
package final class SharedTurns: Sendable {
    private struct State {
        var turns = CatchUpTurns()
        /// The connections that wait.
        var waiting: [UInt64: ConnectionHandle] = [:]
    }

    private let state = Mutex(State())

    /// Nobody has greeted.
    package init() {}

    /// Asks for the turn of a connection, which is woken when it has to ask again.
    ///
    /// - Returns: Nothing if it is to greet now; otherwise when to ask again at the latest.
    func take(
        _ handle: ConnectionHandle, as role: SyncSession.Role, at now: MonotonicTime
    ) -> MonotonicTime? {
        state.withLock { state in
            let until = state.turns.take(handle.id, as: role, at: now)
            state.waiting[handle.id] = until == nil ? nil : handle
            return until
        }
    }

    /// Notes that something has arrived on a connection; see `CatchUpTurns.note`.
    func note(_ handle: ConnectionHandle, isBehind: Bool?, at now: MonotonicTime) {
        wake { $0.note(handle.id, isBehind: isBehind, at: now) }
    }

    /// Notes that a connection is gone.
    func leave(_ handle: ConnectionHandle) {
        state.withLock { $0.waiting[handle.id] = nil }
        wake { $0.leave(handle.id) }
    }

    private func wake(_ change: (inout CatchUpTurns) -> [UInt64]) {
        let woken = state.withLock { state in
            change(&state.turns).compactMap { state.waiting[$0] }
        }
        for handle in woken { handle.askAgain() }
    }
}
