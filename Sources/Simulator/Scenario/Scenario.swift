package import FleetModel

/// A fleet, its journey and what goes wrong on the way, read from a scenario file.
///
/// The same value drives a deterministic run and a run of real processes. It holds plain values
/// only: devices are indexes into `devices` (file order), times are durations since the start.
/// Every cross-reference has been checked, so an engine never meets an unknown name.
///
/// `Simulations/README.md` documents the file format.
public struct Scenario: Sendable, Equatable {
    /// The name for reports and file names: letters, digits, `-`, `_` and `.`.
    public let name: String
    /// One line for people; the name where the file has none.
    public let title: String
    /// Where all chance in the run comes from; replace it to run the same file differently.
    public var seed: UInt64
    /// How long the workload goes on, in scenario time.
    public let duration: Duration
    /// Scenario seconds in one real second of a live run, above zero.
    public let timescale: Double
    /// How much longer, in scenario time, the fleet may take until all replicas are equal.
    public let settle: Duration

    /// The fleet in file order, 1 to 1000 devices.
    package let devices: [Device]
    /// The first grant of data, if the fleet shares any.
    package let pool: Pool?
    /// Profiles created at the start, in file order.
    package let profiles: [ProfileSeed]
    /// Rights that one device at a time has, in file order.
    package let rights: [Right]
    /// Every pair of devices that can exchange, by first and then second index.
    package let links: [Link]
    /// What happens when: by time, and in file order at the same time.
    package let timeline: [Step]
    /// The journey, if there is one.
    package let trip: Trip?
    /// What the run must show besides the invariants.
    package let expectation: Expectation

    /// The names of the devices in file order.
    public var deviceNames: [String] { devices.map(\.name) }
}

extension Scenario {
    /// The data that the fleet begins with.
    package struct Pool: Sendable, Equatable {
        /// How much is granted at the start.
        package let grant: ByteCount
        /// The device which enters the grant.
        package let from: Int
        /// How long the grant is valid, from the start.
        package let valid: Duration
    }

    /// A profile that exists from the start.
    package struct ProfileSeed: Sendable, Equatable {
        /// Its number, as written.
        package let iccid: ICCID
        /// The fields that the file gives; roaming as `true` or `false`.
        package let fields: [ProfileField: String]
        /// The device which creates it.
        package let by: Int
    }

    /// What a run must show beyond the invariants.
    package struct Expectation: Sendable, Equatable {
        /// The longest time from the last reconnection until every device has all that any device
        /// had at that instant; `nil` for no such limit.
        package var convergeWithin: Duration?
        /// The most bytes on all links together, from the beginning; `nil` for no such limit.
        package var bytesAtMost: ByteCount?
        /// The fewest values that some replica lost to another write or shows beside another one.
        package var conflictsAtLeast = 0
        /// How many operations devices refuse.
        package var refusals: ClosedRange<Int>?
        /// What replicas say at the end.
        package var values: [ValueExpectation] = []

        /// Nothing beyond the invariants.
        package static let none = Expectation()
    }

    /// A right that one device at a time has.
    package struct Right: Sendable, Equatable {
        /// What it is called.
        package let name: String
        /// Who has it at the beginning.
        package let holder: Int
    }

    /// A journey and the networks along it.
    package struct Trip: Sendable, Equatable {
        /// Legs and border crossings.
        package let itinerary: Itinerary
        /// The networks named by the itinerary.
        package let operators: Operators
    }
}
