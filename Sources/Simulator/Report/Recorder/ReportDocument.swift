/// What a page shows of one run: plain data, of bounded size, the same for the same seed.
///
/// Times are milliseconds since the start of the scenario or world. Devices are named by their
/// place in ``devices``, texts by their place in ``texts``.
package struct ReportDocument: Codable, Hashable, Sendable {
    /// A device, or a copy of one, and what it sent and received in the whole run.
    package struct Device: Codable, Hashable, Sendable {
        package var name: String
        package var sent: UInt64 = 0
        package var received: UInt64 = 0
        /// Of the bytes sent, those of cells, by lane; the rest are greetings and the like.
        package var lanes: [UInt64]
    }

    /// A stretch of time in which a device was in some state.
    package struct Span: Codable, Hashable, Sendable {
        package var device: Int
        package var kind: DeviceState
        package var from: Int
        package var to: Int
    }

    /// A stretch of time in which two devices were connected, or their link was down.
    package struct Link: Codable, Hashable, Sendable {
        package var a: Int
        package var b: Int
        package var isUp: Bool
        package var from: Int
        package var to: Int
    }

    /// Bytes that went from one device to another; several sends near each other are one entry.
    package struct Transfer: Codable, Hashable, Sendable {
        package var from: Int
        package var to: Int
        package var sent: Int
        package var arrived: Int
        package var bytes: UInt64
        package var count: Int
        /// Whether some of them did not arrive, or not as they were sent.
        package var isSpoiled: Bool
    }

    /// Something that happened on a device.
    package struct Mark: Codable, Hashable, Sendable {
        package var device: Int
        package var at: Int
        package var kind: MarkKind
        package var text: Int
    }

    /// Rights to data that one device handed to another.
    package struct Handover: Codable, Hashable, Sendable {
        package var from: Int
        package var to: Int
        package var sent: Int
        /// When the other device learned of it; nothing if it did not.
        package var arrived: Int?
        package var bytes: UInt64
    }

    /// How far devices were apart.
    package struct Lag: Codable, Hashable, Sendable {
        package var at: Int
        /// How many devices lacked something that another one had.
        package var behind: Int
        /// How old the oldest write is that some device lacked.
        package var worst: Int
    }

    /// The shared data, as acknowledged.
    package struct Pool: Codable, Hashable, Sendable {
        package var at: Int
        package var granted: UInt64
        package var reserved: UInt64
        package var used: UInt64
    }

    /// A rule that was broken, and what was said before.
    package struct Broken: Codable, Hashable, Sendable {
        package var rule: String
        package var at: Int
        package var message: String
        package var device: Int?
        package var before: [Remark]
    }

    /// A line for people.
    package struct Remark: Codable, Hashable, Sendable {
        package var at: Int
        package var text: String
    }

    /// What the page does not show one by one.
    package struct Omission: Codable, Hashable, Sendable {
        package var what: String
        package var shown: Int
        package var of: Int
    }

    /// The version of this form.
    package var format = 1
    package var kind: Kind
    package var name: String
    package var title: String
    /// As text: a number of JavaScript has fewer digits.
    package var seed: String
    /// What runs it again.
    package var command: String
    package var passed = true
    package var converged = true
    /// When the faults ended, and when the run did.
    package var healed = 0
    package var end = 0
    package var laneNames: [String]
    package var devices: [Device] = []
    package var spans: [Span] = []
    package var links: [Link] = []
    package var transfers: [Transfer] = []
    package var marks: [Mark] = []
    package var texts: [String] = []
    package var handovers: [Handover] = []
    package var lag: [Lag] = []
    package var pool: [Pool] = []
    package var violations: [Broken] = []
    package var omissions: [Omission] = []
    /// Bytes and connections of the whole run.
    package var bytes: UInt64 = 0
    package var sessions = 0

    /// What was run.
    package enum Kind: String, Codable, Sendable { case scenario, world }

    /// What a device may be in, apart from running well.
    package enum DeviceState: String, Codable, Sendable, CaseIterable {
        /// Its process does not run.
        case down
        /// It has no signal.
        case unreachable
        /// Its process stands still.
        case paused
        /// Its disk fails.
        case trouble
        /// It will not come back.
        case gone
    }

    /// What may happen on a device.
    package enum MarkKind: String, Codable, Sendable, CaseIterable {
        /// A person or a meter did something.
        case operation
        /// A device refused something, which is its right.
        case refusal
        case crash, restart, conflict
        /// Something of the shared data was granted, shared out, asked for or given back.
        case rights
        /// Another fault.
        case fault
        /// A line of the scenario.
        case remark
    }
}
