import Simulator

/// Writes times of a scenario as a clock shows them.
struct ClockText: Sendable {
    /// Whether hours are shown.
    let hasHours: Bool

    /// The clock of a scenario that ends at `duration`.
    init(duration: Duration) { hasHours = duration >= .seconds(3600) }

    /// `34:12`, or `1:04:12` in a scenario of an hour or more.
    func text(_ time: Duration) -> String {
        let seconds = Int(max(.zero, time).inSeconds)
        let rest = Self.two(seconds % 60)
        guard hasHours else { return "\(seconds / 60):\(rest)" }
        return "\(seconds / 3600):\(Self.two(seconds / 60 % 60)):\(rest)"
    }

    /// As wide as the widest text; `--` for no time.
    func padded(_ time: Duration?) -> String {
        let text = time.map(text) ?? "--"
        return String(repeating: " ", count: max(0, (hasHours ? 7 : 5) - text.count)) + text
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
