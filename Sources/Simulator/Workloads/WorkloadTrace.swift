/// A trace that is being written.
struct WorkloadTrace {
    /// What the first clock shows: a Monday morning in June.
    static let start: Int64 = 1_780_300_800_000
    /// Who meets so that four devices become equal.
    private static let meetings = [(0, 1), (2, 3), (0, 2), (1, 3)]

    private var trace: ReplayTrace
    private var gaps: SeededRandom
    private var clocks: [Int: Int64] = [:]
    private let random: SeededRandom
    /// All usage so far.
    private var used: UInt64 = 0

    private init(_ name: String, devices: Int, _ random: SeededRandom) {
        trace = ReplayTrace(name: name, devices: devices)
        self.random = random
        gaps = random.fork(label: "gaps")
    }

    /// Values that a device, or the group, makes up.
    private func generator(_ label: String, later: Int64 = 0) -> RecordGenerator {
        RecordGenerator(random.fork(label: label), clock: Self.start + later)
    }

    /// Adds a line, some seconds after what its devices did last.
    private mutating func add(_ operation: ReplayTrace.Operation) {
        if case .usage(_, let amount) = operation { used += amount }
        let named = operation.named
        guard !named.isEmpty else { return trace.add(operation) }
        let latest = named.map { clocks[$0] ?? Self.start }.max() ?? Self.start
        let time = latest + Int64(gaps.uniform(in: 300...5999))
        for device in named { clocks[device] = time }
        trace.add(operation, at: time)
    }

    private mutating func load(profiles count: Int, shares: Int) -> RecordGenerator {
        var generator = generator("group")
        var profiles: [ReplayTrace.ProfileRecord] = []
        for index in 0..<count {
            profiles.append(generator.profile(RecordGenerator.profileID(index)))
        }
        let allocations = (0..<shares).map {
            ReplayTrace.Allocation(device: $0, value: .integer([40, 35, 15, 10][$0 % 4]))
        }
        add(.load(device: 0, profiles: profiles, allocations: allocations))
        return generator
    }

    private mutating func meetAll(upTo devices: Int) {
        for device in 1..<devices { add(.sync(0, device)) }
    }

    private mutating func measure(_ label: String, _ body: (inout WorkloadTrace) -> Void) {
        add(.measure(label))
        body(&self)
        add(.measure(nil))
    }

    private mutating func expect(equal devices: [Int]) {
        add(.expect(equal: devices, usage: used))
    }
}

extension WorkloadTrace {
    static func usageStorm(_ random: SeededRandom) -> ReplayTrace {
        var work = WorkloadTrace("W1", devices: 4, random)
        _ = work.load(profiles: 8, shares: 4)
        work.meetAll(upTo: 4)
        for device in 0..<4 {
            var generator = work.generator("device/\(device)", later: 10_000_000)
            for _ in 0..<10_000 { work.add(.usage(device: device, amount: generator.usage())) }
            for _ in 0..<20 { work.add(generator.edit(of: 8, by: device)) }
        }
        work.measure("heal") { for (a, b) in Self.meetings { $0.add(.sync(a, b)) } }
        work.expect(equal: [0, 1, 2, 3])
        return work.trace
    }

    static func bootstrap(_ random: SeededRandom, isStable: Bool, part: Int) -> ReplayTrace {
        let writers = max(1, 200 / part)
        let profiles = max(1, 1000 / part)
        var work = WorkloadTrace(isStable ? "W2-stable" : "W2", devices: writers + 2, random)
        var generator = work.load(profiles: profiles, shares: 0)
        for device in 1...writers {
            work.add(.sync(0, device))
            work.add(share(of: device, &generator))
            work.add(.usage(device: device, amount: generator.usage()))
            for _ in 0..<98 {
                switch generator.percent() {
                case ..<80: work.add(generator.edit(of: profiles, by: device))
                case ..<95: work.add(.usage(device: device, amount: generator.usage()))
                default: work.add(share(of: device, &generator))
                }
            }
            work.add(.sync(0, device))
        }
        if isStable { work.add(.stabilize) }
        work.measure("bootstrap") { $0.add(.sync(writers + 1, 0)) }
        work.expect(equal: [0, writers + 1])
        return work.trace
    }

    private static func share(
        of device: Int, _ generator: inout RecordGenerator
    ) -> ReplayTrace.Operation {
        .allocation(
            device: device, .init(device: device, value: .integer(Int64(generator.share()))))
    }

    static func idle(_ random: SeededRandom, writers: Int) -> ReplayTrace {
        var work = WorkloadTrace("W3-\(writers)", devices: writers, random)
        _ = work.load(profiles: 8, shares: 0)
        work.add(.sync(0, 1))
        for device in 2..<writers {
            work.add(.sync(0, device))
            work.add(
                .allocation(
                    device: device, .init(device: device, value: .integer(Int64(device % 100)))))
            work.add(.usage(device: device, amount: UInt64(100 + device)))
            work.add(work.edit(device, of: device % 8, "name", "n\(device)"))
            work.add(.sync(0, device))
        }
        work.add(.usage(device: 0, amount: 5))
        work.add(.usage(device: 1, amount: 6))
        for _ in 0..<2 { work.add(.sync(0, 1)) }
        work.measure("idle") { $0.add(.sync(0, 1)) }
        work.add(work.edit(0, of: 3, "state", "disabled"))
        work.measure("one-change-reconnect") { $0.add(.sync(0, 1)) }
        work.add(.open(0, 1))
        work.add(.flush(0, 1))
        work.measure("one-change-push") {
            $0.add($0.edit(0, of: 4, "state", "enabled"))
            $0.add(.flush(0, 1))
        }
        work.add(.close(0, 1))
        work.expect(equal: [0, 1])
        return work.trace
    }

    private func edit(
        _ device: Int, of profile: Int, _ field: String, _ value: String
    ) -> ReplayTrace.Operation {
        .set(
            device: device, profile: RecordGenerator.profileID(profile), field: field,
            .text(value))
    }

    static func concurrentEdits(_ random: SeededRandom) -> ReplayTrace {
        var work = WorkloadTrace("W5", devices: 4, random)
        _ = work.load(profiles: 1000, shares: 4)
        work.meetAll(upTo: 4)
        for device in 0..<4 {
            for profile in 0..<1000 {
                let value = "apn\((profile * 7 + device * 131) % 997).dev\(device)"
                work.add(work.edit(device, of: profile, "apn", value))
            }
        }
        work.measure("heal") { for (a, b) in Self.meetings { $0.add(.sync(a, b)) } }
        work.expect(equal: [0, 1, 2, 3])
        return work.trace
    }

    static func gossip(_ random: SeededRandom) -> ReplayTrace {
        let devices = 100
        var work = WorkloadTrace("W6", devices: devices, random)
        _ = work.load(profiles: 8, shares: devices)
        work.meetAll(upTo: devices)
        for device in 0..<devices {
            var generator = work.generator("device/\(device)", later: 10_000_000)
            for _ in 0..<5 { work.add(.usage(device: device, amount: generator.usage())) }
            for _ in 0..<5 { work.add(generator.edit(of: 8, by: device)) }
        }
        var partners = random.fork(label: "partners")
        let meetings = drawnMeetings(of: devices, rounds: 6, &partners)
        work.measure("gossip") { for (a, b) in meetings { $0.add(.sync(a, b)) } }
        work.expect(equal: Array(0..<devices))
        return work.trace
    }

    /// Rounds in which each device meets a random other, after which all know of all.
    ///
    /// Of some draws a device stays that not everything has reached; what such rounds cost could
    /// not be compared with what others do, so they are drawn again.
    private static func drawnMeetings(
        of devices: Int, rounds: Int, _ random: inout SeededRandom
    ) -> [(Int, Int)] {
        while true {
            var meetings: [(Int, Int)] = []
            var known = (0..<devices).map { Set([$0]) }
            for _ in 0..<rounds {
                for device in 0..<devices {
                    let drawn = random.uniform(in: 0...devices - 2)
                    let other = drawn < device ? drawn : drawn + 1
                    meetings.append((device, other))
                    known[device].formUnion(known[other])
                    known[other] = known[device]
                }
            }
            if known.allSatisfy({ $0.count == devices }) { return meetings }
        }
    }
}
