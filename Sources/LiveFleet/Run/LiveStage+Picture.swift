import DeviceControl
import Foundation
import Simulator
import Synchronization

extension LiveStage {
    /// Draws pictures until the run is over or cancelled.
    func keepDisplayFresh(seed: UInt64) async throws {
        while phase.withLock({ $0 }) != .over {
            display.refresh(picture(seed: seed))
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// How everything is now.
    func picture(seed: UInt64) -> FleetPicture {
        let borders = scenario.trip?.itinerary.legs.compactMap { $0.border?.crossed } ?? []
        var picture = FleetPicture(
            title: scenario.title, timescale: clock.timescale, seed: seed,
            duration: scenario.duration, borders: borders)
        picture.now = min(max(clock.now, .zero), scenario.duration)
        picture.place = place(at: picture.now)
        let established = establishedLinks()
        let sightings = watch.sightings
        picture.devices = scenario.devices.enumerated().map { index, device in
            var drawn = FleetPicture.Device(
                name: device.name,
                link: link(ofDevice: index, established, isSeen: sightings[index] != nil))
            if let status = sightings[index]?.status { fill(&drawn, from: status) }
            return drawn
        }
        return picture
    }

    private func place(at time: Duration) -> String {
        switch phase.withLock({ $0 }) {
        case .opening: "The devices get to know each other"
        case .settling: "All faults are over; waiting until all replicas are equal"
        case .underWay, .over: scenario.trip?.itinerary.position(at: time).text ?? "Under way"
        }
    }

    private func fill(_ drawn: inout FleetPicture.Device, from status: DeviceStatus) {
        let own = status.pool.devices.first { $0.device == status.device }
        drawn.used = own?.used ?? 0
        drawn.granted = own?.granted ?? 0
        drawn.digest = status.digest
        if let last = status.service?.connections.compactMap(\.lastSync).max() {
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            drawn.sinceSync = .milliseconds(max(0, now - last)) * clock.timescale
        }
    }

    private func link(
        ofDevice index: Int, _ established: [Int], isSeen: Bool
    ) -> FleetPicture.Link {
        let links = scenario.links.indices.filter {
            scenario.links[$0].a == index || scenario.links[$0].b == index
        }
        let loss = losses.withLock { $0[index] }
        return connectivity.withLock { connectivity in
            guard connectivity.isPresent(device: index) else { return .absent }
            guard connectivity.isRunning(device: index) else { return .killed }
            guard connectivity.isActive(device: index) else { return .paused }
            if let loss {
                return .noSignal(since: loss.loseAt, towards: loss.toOperator.shortText)
            }
            guard isSeen else { return .starting }
            if !links.isEmpty, !links.contains(where: { connectivity.isUp(link: $0) }) {
                return .cut
            }
            return .connected(links.count { established[$0] > 0 }, of: links.count)
        }
    }

    private func establishedLinks() -> [Int] { proxies.traffic.map(\.established) }
}

extension Operator {
    /// The network's first name and its country.
    fileprivate var shortText: String {
        "\(name.split(separator: "/").first ?? Substring(plmn)) \(country)"
    }
}
