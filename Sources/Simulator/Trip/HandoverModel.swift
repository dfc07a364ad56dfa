import FleetModel

/// How long devices take to register with the networks of the next country.
///
/// Authored figures. Anchors: field reports of "a phone in half a minute, a tablet in three, a
/// laptop not at all"; more than a minute of interruption measured with plain home-routed roaming
/// (5GMED); and the attach timers of 3GPP TS 24.301, which leave a device without service for
/// 12 minutes after five failed tries. Log-normal, since a few devices always take very long.
enum HandoverModel {
    /// A log-normal distribution of seconds, and the part of devices that stay stuck.
    struct ClassFigures {
        let median: Double
        let sigma: Double
        var stuckProbability = 0.0
    }

    static func figures(of deviceClass: DeviceClass) -> ClassFigures {
        switch deviceClass {
        case .phone: ClassFigures(median: 30, sigma: 0.5)
        case .watch: ClassFigures(median: 60, sigma: 0.6)
        case .laptop: ClassFigures(median: 240, sigma: 0.6, stuckProbability: 0.5)
        case .tablet, .router, .vehicle, .other: ClassFigures(median: 180, sigma: 0.6)
        }
    }

    /// The time a device takes; `nil` for stuck.
    ///
    /// Both draws are always made, so that being stuck shifts nothing that is drawn later.
    static func draw(
        for device: Scenario.Device, using random: inout SeededRandom
    ) -> Duration? {
        let figures = figures(of: device.deviceClass)
        let isStuck = random.unit() < figures.stuckProbability
        let seconds = random.logNormal(median: figures.median, sigma: figures.sigma)
        switch device.handover {
        case .byClass: return isStuck ? nil : .milliseconds(Int((seconds * 1000).rounded()))
        case .fixed(let duration): return duration
        case .stuck: return nil
        case .notAffected: return .zero
        }
    }

    /// Devices lose their signal up to this long before or after the border.
    static let spread: Duration = .seconds(5)
    /// A `free` step up to this long before a device is stuck still helps it, at once: the file
    /// cannot know on which second of the border that is.
    static let freeTolerance: Duration = spread * 2
    /// How often a device flaps near a border, and how long each time.
    static let flapCount = 2...5
    static let flapLength: ClosedRange<Duration> = .seconds(5) ... .seconds(40)
}
