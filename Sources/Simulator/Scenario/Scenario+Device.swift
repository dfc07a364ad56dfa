package import FleetModel

extension Scenario {
    /// One device of the fleet.
    package struct Device: Sendable, Equatable {
        /// Unique: lower-case letters, digits and `-`, at most 32.
        package let name: String
        /// What kind of thing it is.
        package let deviceClass: DeviceClass
        /// Its part of the pool; `nil` where the file gives none.
        package let share: Share?
        /// How it behaves at a border.
        package let handover: Handover
        /// Its workload; `nil` where it uses no data by itself.
        package let usage: Usage?
        /// The profile that its use is counted for, if the file names one.
        package let profile: ICCID?
        /// Where the device stands in the file, for reports.
        package let line: Int
    }

    /// How a device gets a signal again after it lost it at a border.
    package enum Handover: Sendable, Equatable {
        /// A time drawn from the distribution of its class.
        case byClass
        /// Always this long.
        case fixed(Duration)
        /// Never by itself: it waits for a `free` step.
        case stuck
        /// It keeps its signal all the way.
        case notAffected
    }

    /// A steady workload: amounts of data used at intervals.
    package struct Usage: Sendable, Equatable {
        /// The mean interval, above zero.
        package let every: Duration
        /// The least and the most that one use takes, at least 1 byte.
        package let bytes: ClosedRange<ByteCount>
        /// The country it is counted for.
        package let country: UsageCountry
    }

    /// Where use is counted.
    package enum UsageCountry: Sendable, Equatable {
        /// Where the device is on the trip; `ZZ` where the scenario has none.
        case fromTrip
        /// Always this country, two letters of ISO 3166.
        case fixed(String)
    }
}

extension Scenario.Usage {
    /// The interval to the next use: the mean, give or take up to a fifth of it, uniform.
    package func interval(using random: inout SeededRandom) -> Duration {
        random.uniform(in: (every * 4 / 5)...(every * 6 / 5))
    }

    /// The amount of one use, log-uniform in the range.
    package func amount(using random: inout SeededRandom) -> ByteCount {
        let bounds = Double(bytes.lowerBound.bytes)...Double(bytes.upperBound.bytes)
        let drawn = random.logUniform(in: bounds).rounded()
        // A bound near 2^64 is not exact as a Double, so the count is held within the range.
        guard let exact = UInt64(exactly: drawn) else { return bytes.upperBound }
        return min(max(ByteCount(exact), bytes.lowerBound), bytes.upperBound)
    }
}
