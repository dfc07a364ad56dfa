/// Measures the time from a reconnection until all have what any had at that moment.
///
/// Devices go on writing meanwhile, so equal digests would measure something else.
package struct ConvergenceWatch: Sendable {
    /// By lane, then by writer.
    package typealias Vectors = [String: [String: UInt64]]

    private enum State {
        case idle
        /// A reconnection happened, and nobody has looked at the devices since.
        case asked(since: Duration)
        case waiting(since: Duration, goal: Vectors)
        case done(Duration)
    }

    private var state = State.idle

    package init() {}

    /// The last measurement; nothing while one is under way or before the first.
    package var elapsed: Duration? {
        guard case .done(let elapsed) = state else { return nil }
        return elapsed
    }

    /// Whether devices have to be looked at.
    package var isPending: Bool {
        switch state {
        case .idle, .done: false
        case .asked, .waiting: true
        }
    }

    /// Starts anew at a reconnection.
    package mutating func restart(at now: Duration) { state = .asked(since: now) }

    /// Takes what all devices have seen: as the goal after a reconnection, and to compare with it.
    ///
    /// - Parameters:
    ///   - devices: By device.
    ///   - asked: When the devices were asked; only what happened before counts.
    ///   - now: When they had answered.
    package mutating func observe(_ devices: [Vectors], askedAt asked: Duration, at now: Duration) {
        if case .asked(let since) = state, asked >= since {
            state = .waiting(since: since, goal: Self.join(devices))
        }
        guard case .waiting(let since, let goal) = state,
            devices.allSatisfy({ Self.dominates($0, goal) })
        else { return }
        state = .done(now - since)
    }

    private static func join(_ devices: [Vectors]) -> Vectors {
        devices.reduce(into: [:]) { goal, vectors in
            goal.merge(vectors) { $0.merging($1, uniquingKeysWith: max) }
        }
    }

    private static func dominates(_ vectors: Vectors, _ goal: Vectors) -> Bool {
        goal.allSatisfy { lane, writers in
            writers.allSatisfy { writer, sequence in vectors[lane]?[writer] ?? 0 >= sequence }
        }
    }
}
