import CausalTime
package import ReplicaModel
import ReplicaStore
import SyncEngine
import SyncWire

/// Runs a trace through the production store, session, codec and compression, in virtual time.
///
/// The same trace gives the same bytes on every run; only processor seconds differ.
package final class Replay {
    enum Event {
        case deliver(ReplayLink, side: Int, [UInt8])
        /// An end of a connection wanted to be reminded.
        case deadline(ReplayLink, side: Int)
    }

    /// How many events one line may bring about: more is an exchange that does not end.
    static let eventsMax = 1_000_000

    let trace: ReplayTrace
    let options: ReplayOptions
    let fields: RecordFields
    let devices: [ReplayDevice]
    let meter = ProcessorMeter()
    var links: [ReplayLink] = []
    var queue = EventQueue<Event>()
    var now: Duration = .zero
    var report = ReplayReport()
    /// Where the report's measures count at present; nothing while nothing is measured.
    var measuring: Int?
    var line = 0
    var eventsLeft = Replay.eventsMax
    /// Devices that come after the fleet has stabilized, and have not come yet.
    var absent: Set<Int>
    /// What clocks show at time zero.
    private let start: Int64

    /// Makes the fleet: every device is a member and knows of all others.
    ///
    /// - Throws: `InputError` if the folder of the options cannot be used, `StoreError` if a
    ///   replica cannot be made.
    package init(_ trace: ReplayTrace, options: ReplayOptions = ReplayOptions()) throws {
        self.trace = trace
        self.options = options
        fields = RecordFields(of: trace)
        absent = Self.latecomers(of: trace)
        // Before every write of the trace, whichever device's clock is behind.
        let start = trace.lines.lazy.compactMap(\.time).min() ?? Self.startOfClocks
        self.start = start
        devices = try Self.fleet(of: trace, at: start, options: options)
        try introduce()
    }

    /// What clocks show where a trace says nothing.
    private static let startOfClocks: Int64 = 1_780_300_800_000

    /// Performs every line.
    ///
    /// - Throws: `InputError` if the store refuses what a line asks for, and whatever else a store
    ///   throws.
    package func run() throws -> ReplayReport {
        for line in trace.lines {
            self.line = line.number
            eventsLeft = Self.eventsMax
            do { try perform(line) } catch let error as SchemaError {
                throw mistake(error.description)
            } catch let error as StoreError where error.code == .ruleBroken {
                throw mistake(error.description)
            }
        }
        let held = report.expectations.allSatisfy(\.held)
        report.passed = held && report.problems == nil
        return report
    }

    /// What a device has forgotten up to.
    package func frontier(of device: Int) -> LaneVectors {
        devices[device].store.durableSummary.frontier
    }

    private func mistake(_ message: String) -> InputError {
        InputError(file: trace.file, line: line, column: 1, message: message)
    }

    func problem(_ message: String) {
        report.problems = (report.problems ?? []) + [.init(line: line, message: message)]
    }

    private func perform(_ line: ReplayTrace.Line) throws {
        let named = line.operation.named
        for index in named where absent.contains(index) { try join(devices[index]) }
        try advanceClocks(of: named, to: line.time)
        switch line.operation {
        case .load, .set, .allocation, .usage:
            let device = devices[named[0]]
            try device.perform(line.operation, fields)
            try didChange(device, through: nil)
        case .sync(let a, let b): try meet(a, b)
        case .open(let a, let b): links.append(try connect(a, b, isLasting: true))
        case .close(let a, let b): try lasting(a, b).map(close)
        case .flush(let a, let b): try lasting(a, b).map(settle)
        case .stabilize: try stabilize()
        case .measure(let label): measuring = label.map(measure)
        case .expect(let equal, let usage): try check(equal, usage)
        }
    }

    /// Lets virtual time go on to what a line says, and all happen that is due until then.
    private func advanceClocks(of named: [Int], to time: Int64?) throws {
        guard !named.isEmpty else { return }
        let clock = time ?? (named.map { devices[$0].clock }.max() ?? start) + 1000
        for index in named { devices[index].clock = clock }
        let target = Duration.milliseconds(clock - start)
        try run { (self.queue.nextTime ?? target) >= target }
        now = max(now, target)
    }

    private func lasting(_ a: Int, _ b: Int) -> ReplayLink? {
        links.first { $0.isLasting && Set($0.devices) == [a, b] }
    }

    /// Where a label counts.
    private func measure(_ label: String) -> Int {
        if let index = report.measures.firstIndex(where: { $0.label == label }) { return index }
        report.measures.append(.init(label: label))
        return report.measures.count - 1
    }

    private func check(_ equal: [Int], _ usage: UInt64?) throws {
        let first = try devices[equal[0]].records()
        var difference: String?
        if let usage, first.usage != usage {
            difference = "the usage on device \(equal[0]) is \(first.usage), not \(usage)"
        }
        for index in equal.dropFirst() where difference == nil {
            if try !devices[index].records().equals(first) {
                difference = "devices \(equal[0]) and \(index) hold different states"
            }
        }
        report.expectations.append(
            .init(line: line, held: difference == nil, difference: difference))
    }

    /// Lets events happen, in the order of virtual time, until it is done or there are none.
    func run(until isDone: () -> Bool) throws {
        while !isDone(), let (at, event) = queue.next() {
            eventsLeft -= 1
            guard eventsLeft > 0 else {
                throw mistake(
                    "more than \(Self.eventsMax) events; close connections before long pauses")
            }
            now = max(now, at)
            try handle(event)
        }
    }
}
