import Foundation
import Synchronization

/// A line for each event, and now and then a line about the fleet.
package final class PlainLog: LiveDisplay {
    private static let pause: Duration = .seconds(5)

    private let descriptor: Int32
    private let clock: ClockText
    private let lastFleetLine = Mutex<ContinuousClock.Instant>(.now)

    /// - Parameters:
    ///   - duration: How long the scenario is.
    ///   - toStandardError: Whether the lines go there and not to standard output.
    package init(duration: Duration, toStandardError: Bool) {
        descriptor = toStandardError ? STDERR_FILENO : STDOUT_FILENO
        clock = ClockText(duration: duration)
    }

    package func show(_ event: LiveEvent) { write(event.at, event.text) }

    package func refresh(_ picture: FleetPicture) {
        let isDue = lastFleetLine.withLock { last in
            guard .now - last >= Self.pause else { return false }
            last = .now
            return true
        }
        guard isDue else { return }
        let devices = picture.devices.map { "\($0.name) \(text($0.link))" }
        write(picture.now, "[\(picture.place)] \(devices.joined(separator: ", "))")
    }

    package func close() {}

    private func write(_ time: Duration?, _ text: String) {
        Terminal.write("\(clock.padded(time))  \(text)\n", to: descriptor)
    }

    private func text(_ link: FleetPicture.Link) -> String {
        switch link {
        case .starting: "starting"
        case .connected(let count, let all): "\(count)/\(all)"
        case .noSignal: "no signal"
        case .cut: "cut off"
        case .killed: "killed"
        case .paused: "paused"
        case .absent: "not there"
        }
    }
}
