import DeviceControl
import Synchronization

/// Looks at all devices from time to time: often while something is awaited, else seldom.
final class FleetWatch: Sendable {
    /// What a device said about itself, and when.
    struct Sighting: Sendable {
        let status: DeviceStatus
        let seenAt: Duration
    }

    private struct Content {
        var sightings: [Sighting?]
        var convergence = ConvergenceWatch()
        /// Devices that are not part of the fleet: they have not joined yet, or are lost.
        var absent: Set<Int>
    }

    private let devices: [LiveDevice]
    private let content: Mutex<Content>
    /// Real time since the watch was made.
    private let start = ContinuousClock.now

    private static let eagerPause: Duration = .milliseconds(50)
    private static let calmPause: Duration = .milliseconds(400)

    init(devices: [LiveDevice], absent: Set<Int>) {
        self.devices = devices
        content = Mutex(Content(sightings: devices.map { _ in nil }, absent: absent))
    }

    /// Takes note that a device has joined, or is lost.
    func setPresent(_ isPresent: Bool, device: Int) {
        content.withLock { content in
            if isPresent {
                content.absent.remove(device)
            } else {
                content.absent.insert(device)
                content.sightings[device] = nil
            }
        }
    }

    private var now: Duration { .now - start }

    /// What the devices said last, by device.
    var sightings: [Sighting?] { content.withLock { $0.sightings } }

    /// Takes note of a reconnection.
    func reconnected() {
        let now = now
        content.withLock { $0.convergence.restart(at: now) }
    }

    /// Real time from the last reconnection until all had caught up; nothing if they have not.
    var timeToConverge: Duration? { content.withLock { $0.convergence.elapsed } }

    /// Looks until cancelled.
    func run() async throws {
        var last: Duration = .zero
        while true {
            try await Task.sleep(for: Self.eagerPause)
            let isPending = content.withLock { $0.convergence.isPending }
            guard isPending || now - last >= Self.calmPause else { continue }
            last = now
            _ = try await look()
        }
    }

    /// Looks once at every device that is part of the fleet.
    ///
    /// - Returns: What each of them said; nothing if one of them could not be asked.
    func look() async throws -> [DeviceStatus]? {
        let asked = now
        let absent = content.withLock { $0.absent }
        let found = try await withThrowingTaskGroup(of: (Int, DeviceStatus?).self) { group in
            for (index, device) in devices.enumerated() where !absent.contains(index) {
                group.addTask {
                    guard case .status(let status) = try await device.observe(.status) else {
                        return (index, nil)
                    }
                    return (index, status)
                }
            }
            return try await group.reduce(into: devices.map { _ in DeviceStatus?.none }) {
                $0[$1.0] = $1.1
            }
        }
        let answered = now
        let all = found.compactMap(\.self)
        content.withLock { content in
            for (index, status) in found.enumerated() {
                guard let status else { continue }
                content.sightings[index] = Sighting(status: status, seenAt: answered)
            }
            guard all.count == devices.count - absent.count else { return }
            content.convergence.observe(all.map(\.vectors), askedAt: asked, at: answered)
        }
        return all.count == devices.count - absent.count ? all : nil
    }
}
