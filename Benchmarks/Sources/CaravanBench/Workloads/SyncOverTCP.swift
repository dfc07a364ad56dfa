import Caravan
import Foundation

/// A device that has nothing yet fetches a hundred thousand cells from another one over TCP, both
/// of them on the disk.
struct SyncOverTCP {
    private static let rounds = 3
    private static let cells = 100_000

    let workspace: Workspace

    func run() async throws -> [Finding] {
        let source = workspace.path("tcp-source")
        let phone = try await Replica.create(at: source, name: "phone", deviceClass: .phone)
        for start in stride(from: 0, to: Self.cells / 2, by: 1000) {
            try await phone.write { try Fixtures.recordUsage(start..<start + 1000, to: $0) }
        }
        var durations: [Duration] = []
        for round in 0..<Self.rounds {
            let folder = workspace.path("tcp-\(round)")
            durations.append(try await fetch(from: phone, into: folder))
            try workspace.remove(folder)
        }
        try await phone.close()
        let rate = Double(Self.cells) / median(durations).inSeconds
        return [
            Finding(
                name: "cells a second over TCP, from a durable replica to another",
                measured: .count(Int(rate)), limit: .atLeast(100_000))
        ]
    }

    private func fetch(from phone: Replica, into folder: String) async throws -> Duration {
        let laptop = try await Replica.create(
            at: folder, fleet: phone.fleet, name: "laptop", deviceClass: .laptop)
        let (addresses, continuation) = AsyncStream.makeStream(of: SyncAddress.self)
        var configuration = SyncService.Configuration()
        configuration.listening = try SyncAddress(host: "127.0.0.1", port: 0)
        configuration.onEvent = { event in
            if case .listening(let address) = event { continuation.yield(address) }
        }
        let service = SyncService(replica: phone, configuration: configuration)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            var listening = addresses.makeAsyncIterator()
            guard let address = await listening.next() else { throw CancellationError() }
            let duration = try await measured {
                let outcome = try await SyncService(replica: laptop).sync(with: address)
                guard outcome.cellsReceived >= Self.cells else {
                    throw PlainTable.Failure(description: "\(outcome.cellsReceived) cells came")
                }
            }
            group.cancelAll()
            try await laptop.close()
            return duration
        }
    }
}
