import Foundation
import Synchronization

/// A process that this one started and has to end.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum Ending: Equatable, Sendable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)

        var description: String {
            switch self {
            case .exited(let status): "ended with status \(status)"
            case .signalled(SIGKILL): "was killed"
            case .signalled(let signal): "was ended by signal \(signal)"
            }
        }
    }

    /// What to run, and what it is given.
    struct Launch: Sendable {
        var executable: String
        var arguments: [String]
        /// On top of this process's environment.
        var environment: [String: String] = [:]
        /// A descriptor for its input; without one it reads nothing.
        var input: Int32?
        /// Files that its output and its messages are appended to.
        var output = "/dev/null"
        var errors = "/dev/null"
        /// The process group that it becomes a member of; without one it leads a new group, so that
        /// an interrupt from the terminal does not reach it.
        var group: pid_t = 0
    }

    let pid: pid_t
    private let ending = Mutex<Ending?>(nil)

    init(_ launch: Launch) throws(LiveError) {
        let started = launch.spawn()
        guard case .success(let pid) = started else {
            guard case .failure(let error) = started else { throw LiveError(.failure, "spawn") }
            throw LiveError(.failure, "\(launch.executable): cannot be started (\(error))")
        }
        self.pid = pid
    }

    /// How the process ended; nothing while it runs.
    func poll() -> Ending? {
        ending.withLock { ending in
            if ending == nil { ending = reap(blocking: false) }
            return ending
        }
    }

    /// Ends the process at once, and returns when it has ended.
    ///
    /// Does nothing if it had ended.
    func kill() {
        ending.withLock { ending in
            // Only a process that has not been reaped is certain to still own its number.
            guard ending == nil else { return }
            Foundation.kill(pid, SIGKILL)
            ending = reap(blocking: true)
        }
    }

    /// Lets the process stand still, or go on; does nothing if it has ended.
    func pause(_ isPaused: Bool) {
        ending.withLock { ending in
            guard ending == nil else { return }
            Foundation.kill(pid, isPaused ? SIGSTOP : SIGCONT)
        }
    }

    private func reap(blocking: Bool) -> Ending? {
        var status: Int32 = 0
        while true {
            let found = waitpid(pid, &status, blocking ? 0 : WNOHANG)
            if found == 0 { return nil }
            if found == pid { break }
            // Somebody else reaped it: all that is known is that it is gone.
            if errno != EINTR { return .exited(-1) }
        }
        let signal = status & 0x7f
        return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }
}
