package import ReplicaModel

/// Operations on a fleet of generic records, line by line, so that every engine can replay the very
/// same ones.
///
/// Simulations/traces.md describes the file.
package struct ReplayTrace: Equatable, Sendable {
    /// The name that the first line gives.
    package var name: String
    /// How many devices there are; they are numbered from 0.
    package var devices: Int
    /// The lines after the first.
    package var lines: [Line] = []
    /// What errors call the trace.
    package var file: String

    /// How many devices a trace may have: each is a database.
    package static let devicesMax = 1000

    /// Makes a trace without lines.
    package init(name: String, devices: Int, file: String? = nil) {
        self.name = name
        self.devices = devices
        self.file = file ?? name
    }

    /// One line.
    package struct Line: Equatable, Sendable {
        /// Its number in the file, from 1.
        package let number: Int
        /// What the clocks of the named devices show, in milliseconds since 1970; nothing to go on
        /// from the line before.
        package let time: Int64?
        /// What is to be done.
        package let operation: Operation
    }

    /// What a line is about.
    package enum Operation: Equatable, Sendable {
        /// One transaction of many records.
        case load(device: Int, profiles: [ProfileRecord], allocations: [Allocation])
        /// One transaction: one field of a profile.
        case set(device: Int, profile: String, field: String, RecordValue)
        /// One transaction: the share of a device.
        case allocation(device: Int, Allocation)
        /// One transaction: so many more KiB used by the device that writes.
        case usage(device: Int, amount: UInt64)
        /// A connection that ends when both have what either had.
        case sync(Int, Int)
        /// A connection that stays.
        case open(Int, Int)
        /// The end of a connection that stayed.
        case close(Int, Int)
        /// Nothing is left to push on a connection that stays.
        case flush(Int, Int)
        /// All devices meet until each has acknowledged every write.
        case stabilize
        /// What follows counts under this label; under none.
        case measure(String?)
        /// What has to be so now.
        case expect(equal: [Int], usage: UInt64?)
    }

    /// A profile with some of its fields, in the order in which they are written.
    package struct ProfileRecord: Equatable, Sendable {
        package let id: String
        package let fields: [Field]

        package init(id: String, fields: [Field]) {
            self.id = id
            self.fields = fields
        }
    }

    /// A field of a profile.
    package struct Field: Equatable, Sendable {
        package let name: String
        package let value: RecordValue

        package init(_ name: String, _ value: RecordValue) {
            self.name = name
            self.value = value
        }
    }

    /// The share of a device.
    package struct Allocation: Equatable, Sendable {
        package let device: Int
        package let value: RecordValue

        package init(device: Int, value: RecordValue) {
            self.device = device
            self.value = value
        }
    }

    /// Adds a line.
    package mutating func add(_ operation: Operation, at time: Int64? = nil) {
        lines.append(Line(number: lines.count + 2, time: time, operation: operation))
    }
}

extension ReplayTrace.Operation {
    /// The devices whose clocks the line's time is of.
    var named: [Int] {
        switch self {
        case .load(let device, _, _), .set(let device, _, _, _), .allocation(let device, _),
            .usage(let device, _):
            [device]
        case .sync(let a, let b), .open(let a, let b), .close(let a, let b), .flush(let a, let b):
            [a, b]
        case .stabilize, .measure, .expect: []
        }
    }
}

/// What a generic record holds: text or a whole number.
package enum RecordValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
}

extension RecordValue: CellConvertible {
    /// Only views ask, and a replay has none.
    package static var valueType: ValueType { .text }

    package var cellValue: CellValue {
        switch self {
        case .text(let text): .text(text)
        case .integer(let number): .integer(number)
        }
    }

    package init?(cellValue: CellValue) {
        switch cellValue {
        case .text(let text): self = .text(text)
        case .integer(let number): self = .integer(number)
        case .bool, .bytes: return nil
        }
    }
}
