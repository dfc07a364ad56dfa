/// What a replay has shown: one JSON object.
package struct ReplayReport: Codable, Equatable, Sendable {
    /// Whether every expectation held and every exchange ended as it should.
    package var passed = true
    /// What was counted, in the order in which labels appear first.
    package var measures: [Measure] = []
    /// The expectations, in the order of their lines.
    package var expectations: [Expectation] = []
    /// Exchanges that did not end as they should; nothing if there are none.
    package var problems: [Problem]?

    /// What passed between devices under one label, in both directions.
    package struct Measure: Codable, Equatable, Sendable {
        /// The label of the trace.
        package let label: String
        /// Frames, without preambles.
        package var messages: UInt64 = 0
        /// Cells that were taken in, each as often as it was delivered.
        package var cells: UInt64 = 0
        /// The longest exchange, from the moment when the connection is open, or when something
        /// was written, until the last segment has been applied; where nothing was lacking, until
        /// both sides know that.
        package var roundTrips = 0.0
        /// The same until the last frame has arrived, acknowledgements included.
        package var roundTripsAcknowledged = 0.0
        /// What would have been framed without compression.
        package var bytesRaw: UInt64 = 0
        /// Frames as handed to TCP, without preambles.
        package var bytesFramed: UInt64 = 0
        /// Of these, frames that only acknowledge.
        package var acknowledgementBytes: UInt64 = 0
        /// What names protocol, fleet and device: an authenticated connection carries it already.
        package var preambleBytes: UInt64 = 0
        /// Processor seconds to read what was lacking, encode and compress it.
        package var encodeSeconds = 0.0
        /// Processor seconds to inflate, decode and apply what came.
        package var applySeconds = 0.0
    }

    /// Whether an expectation held.
    package struct Expectation: Codable, Equatable, Sendable {
        /// The line of the trace.
        package let line: Int
        package let held: Bool
        /// What was different; nothing if it held.
        package var difference: String?
    }

    /// An exchange that failed.
    package struct Problem: Codable, Equatable, Sendable {
        /// The line of the trace.
        package let line: Int
        package let message: String
    }
}
