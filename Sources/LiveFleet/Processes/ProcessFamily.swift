import Foundation
import Synchronization

/// All processes of a run, which none of them may outlive.
///
/// A small shell leads their process group and waits for its input to end, which the kernel brings
/// about when this process ends in whatever way: then it ends the group and removes the folder.
final class ProcessFamily: Sendable {
    private struct Members {
        var children: [ChildProcess] = []
        var isClosed = false
    }

    private let members = Mutex(Members())
    private let guardian: ChildProcess
    /// The end of the guardian's input that this process holds.
    private let lifeline: Int32

    /// Starts the guardian of a folder, which is removed if this process ends unexpectedly.
    ///
    /// - Parameter folder: Nothing if it is to be kept.
    /// - Throws: `LiveError` where no process can be started.
    init(removing folder: String?) throws(LiveError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw LiveError(.failure, "no pipe: \(SystemError(code: errno))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        lifeline = ends[1]
        var launch = ChildProcess.Launch(
            executable: "/bin/sh", arguments: ["-c", Self.script, "guardian"])
        if let folder { launch.arguments.append(folder) }
        launch.input = ends[0]
        do {
            guardian = try ChildProcess(launch)
        } catch {
            close(ends[1])
            throw error
        }
    }

    private static let script = """
        trap '' TERM INT HUP
        read -r line
        kill -TERM 0
        sleep 1
        [ $# -eq 0 ] || rm -rf -- "$1"
        kill -KILL 0
        """

    /// Starts a process as a member of the family.
    ///
    /// - Throws: `LiveError`; also after ``end()``.
    func start(_ launch: ChildProcess.Launch) throws -> ChildProcess {
        var launch = launch
        // The group ends with its last member, should somebody kill the guardian.
        launch.group = guardian.poll() == nil ? guardian.pid : 0
        return try members.withLock { members in
            guard !members.isClosed else { throw LiveError(.failure, "the run is over") }
            members.children.removeAll { $0.poll() != nil }
            let child = try ChildProcess(launch)
            members.children.append(child)
            return child
        }
    }

    /// Ends all processes; no further one can be started.
    func end() {
        members.withLock { members in
            members.isClosed = true
            for child in members.children { child.kill() }
            members.children = []
        }
        guardian.kill()
    }

    deinit {
        end()
        close(lifeline)
    }
}
