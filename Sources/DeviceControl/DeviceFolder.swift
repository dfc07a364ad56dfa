import Caravan
import Foundation
import SyncTransport

/// The folder of a device: its replica, and the socket of the process that serves it.
struct DeviceFolder: Sendable {
    let path: String

    /// How long another process may be busy with the replica before we give up.
    private static let patience: Duration = .seconds(2)
    private static let pause: Duration = .milliseconds(20)

    /// Where a process that serves the replica can be asked for things.
    var socket: String { path + "/control.sock" }

    /// The process that holds a replica, or the replica if there is none.
    enum Access: Sendable {
        case served(ControlSocketClient)
        case free(Replica)
    }

    /// Finds out who has the replica, and takes it if nobody has.
    ///
    /// Another process may hold it for a moment: one that carries out a command, or one that is
    /// about to serve and has no socket yet.
    func access() async throws -> Access {
        let clock = ContinuousClock()
        let end = clock.now + Self.patience
        while true {
            if let client = await server() { return .served(client) }
            do {
                return .free(try Replica.open(at: path))
            } catch {
                guard ErrorBlame.isReplicaInUse(error) else { throw error }
                guard clock.now < end else {
                    throw DeviceFailure.failure(
                        "\(path): the replica is in use by another process, which does not answer "
                            + "on its socket; end that process")
                }
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func server() async -> ControlSocketClient? {
        guard FileManager.default.fileExists(atPath: socket) else { return nil }
        do {
            return try await ControlSocketClient.connect(to: socket)
        } catch {
            // A process that was killed leaves its socket behind.
            return nil
        }
    }
}
