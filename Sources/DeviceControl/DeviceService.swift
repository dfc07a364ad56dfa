package import Caravan
import SyncTransport

/// A device that is being served: its replica, its connections, and the socket on which the owner
/// can give it commands.
package final class DeviceService: Sendable {
    private let folder: DeviceFolder
    private let replica: Replica
    private let service: SyncService

    private init(folder: DeviceFolder, replica: Replica, service: SyncService) {
        self.folder = folder
        self.replica = replica
        self.service = service
    }

    /// Opens the replica in a folder to be served.
    ///
    /// - Parameters:
    ///   - folder: Of the device.
    ///   - listening: Where peers are accepted, as `HOST:PORT`.
    ///   - peers: Whom to call, each as `HOST:PORT`.
    ///   - isMetered: Whether every byte is paid for, so that usage is sent once a minute.
    ///   - onEvent: Called for every event, on a thread that must not be kept waiting.
    /// - Returns: The device, which holds its replica from now on.
    /// - Throws: What is wrong with the addresses or the replica.
    package static func open(
        folder: String, listening: String, peers: [String], isMetered: Bool = false,
        onEvent: @escaping @Sendable (SyncEvent) -> Void
    ) async throws(DeviceFailure) -> DeviceService {
        do {
            var configuration = SyncService.Configuration()
            configuration.listening = try SyncAddress(parsing: listening)
            configuration.peers = try peers.map { try SyncAddress(parsing: $0) }
            configuration.onEvent = onEvent
            if isMetered { configuration.limits.usageDelay = .seconds(60) }
            let folder = DeviceFolder(path: folder)
            switch try await folder.access() {
            case .served(let client):
                await client.close()
                throw DeviceFailure.failure(
                    "\(folder.path): the replica is being served by another process already")
            case .free(let replica):
                return DeviceService(
                    folder: folder, replica: replica,
                    service: SyncService(replica: replica, configuration: configuration))
            }
        } catch {
            throw DeviceFailure(error)
        }
    }

    /// Serves until the task is cancelled, then closes everything; to be called once.
    package func run() async throws(DeviceFailure) {
        var failure: DeviceFailure?
        do {
            try await serve()
        } catch is CancellationError {
            failure = nil
        } catch {
            failure = DeviceFailure(error)
        }
        do { try await replica.close() } catch { failure = failure ?? DeviceFailure(error) }
        if let failure { throw failure }
    }

    private func serve() async throws {
        try await TransportLoop.with { loop in
            // Before peers are accepted: who reads that we listen may give commands at once.
            let server = try await ControlSocketServer.bind(to: folder.socket, on: loop)
            let executor = DeviceExecutor(replica: replica, service: service)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run { await Self.answer($0, executor) } }
                group.addTask { try await self.service.run() }
                try await group.next()
                group.cancelAll()
            }
        }
    }

    private static func answer(_ line: String, _ executor: DeviceExecutor) async -> String {
        do {
            let command = try ControlLine.decode(DeviceCommand.self, from: line)
            return try ControlLine.encode(await executor.execute(command))
        } catch {
            return #"{"failed":{"_0":{"isMistake":true,"message":"not a command"}}}"#
        }
    }
}
