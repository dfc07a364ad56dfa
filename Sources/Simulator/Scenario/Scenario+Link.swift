extension Scenario {
    /// Two devices that can exchange, and how good the way between them is.
    package struct Link: Sendable, Equatable {
        /// The device with the lower index.
        package let a: Int
        /// The device with the higher index.
        package let b: Int
        /// How well it carries.
        package let quality: LinkQuality
    }

    /// When each direction of a link carries something, by recordings; nothing for no limit.
    package struct LinkTraces: Sendable, Equatable {
        /// From the device with the lower index.
        package let forth: LinkTrace?
        /// From the device with the higher index.
        package let back: LinkTrace?

        /// The same with the directions exchanged.
        var reversed: LinkTraces { LinkTraces(forth: back, back: forth) }
    }

    /// How well a link carries; all but traces is the same in both directions.
    package struct LinkQuality: Sendable, Equatable {
        /// One way.
        package var delay: Duration
        /// The most by which one message is faster or slower than `delay`; never above it.
        package var jitter: Duration
        /// How much it carries; `nil` for as much as wanted.
        package var bandwidth: Bandwidth?
        /// When it carries something; `nil` for always.
        package var traces: LinkTraces?

        package init(delay: Duration, jitter: Duration, bandwidth: Bandwidth?) {
            self.delay = delay
            self.jitter = jitter
            self.bandwidth = bandwidth
        }

        /// How long one message takes: the delay, give or take the jitter, uniform.
        ///
        /// Time on a link of limited bandwidth comes on top; see `Bandwidth.time(toSend:)`.
        package func latency(using random: inout SeededRandom) -> Duration {
            random.uniform(in: (delay - jitter)...(delay + jitter))
        }
    }
}
