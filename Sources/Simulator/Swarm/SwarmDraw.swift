import FleetModel

/// Draws the script of a random world from a seed.
///
/// In the manner of swarm testing each class of faults, and each kind of operation, is on or off
/// for a seed and has a rate of its own, drawn from a stream of its own: worlds in which one thing
/// goes wrong often, without all the others, find what worlds in which everything goes wrong a
/// little do not.
///
/// Source: A. Groce et al., "Swarm Testing" (ISSTA 2012).
struct SwarmDraw {
    private let random: SeededRandom
    private var shape: SeededRandom
    var script: SwarmScript
    private var meetings: [SwarmEvent.Meeting] = []
    private var meetingTimes: [Int] = []
    private var seats: Int
    private let hours: Double
    private var rates: [FaultClass: Double] = [:]

    /// The script of a seed, with no other faults than these.
    static func script(
        of seed: UInt64, faults: Set<FaultClass> = Set(FaultClass.allCases)
    ) -> SwarmScript {
        var draw = SwarmDraw(seed, faults)
        draw.drawMeetings()
        draw.drawOperations()
        draw.drawDiskFaults()
        draw.drawOtherFaults()
        draw.script.events.sort { $0.at < $1.at }
        return draw.script
    }

    private init(_ seed: UInt64, _ faults: Set<FaultClass>) {
        random = SeededRandom(seed: seed)
        shape = random.fork(label: "shape")
        let devices = shape.choice(of: [2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 6])
        hours = shape.logUniform(in: 5...32)
        seats = devices
        script = SwarmScript(
            seed: seed, devices: devices, milliseconds: Int(hours * 3_600_000),
            cutHours: shape.choice(of: [1, 2, 4, 24]), healing: shape.next(), events: [])
        for fault in FaultClass.allCases {
            var own = random.fork(label: "rate of \(fault.rawValue)")
            let isOn = own.unit() < 0.5 && faults.contains(fault)
            // Of a hundred meetings, or a hundred hours of a device, between one and forty.
            rates[fault] = isOn ? own.logUniform(in: 0.01...0.4) : 0
        }
    }

    // MARK: Tools

    private mutating func add(_ kind: SwarmEvent.Kind, at time: Int) {
        script.events.append(SwarmEvent(at: time, kind: kind))
    }

    /// When faults of a class happen, and the stream that decides what they are.
    private func times(
        of fault: FaultClass, atMost count: Int = 30, factor: Double = 1
    ) -> (times: [Int], random: SeededRandom) {
        var own = random.fork(label: fault.rawValue)
        let mean = (rates[fault] ?? 0) * hours * Double(script.devices) * factor
        guard mean > 0 else { return ([], own) }
        // At least one where the class is on: a rate is a rate, but silence teaches nothing.
        let number = min(count, max(1, Int(mean + own.unit())))
        let times = (0..<number).map { _ in moment(&own) }
        return (times.sorted(), own)
    }

    /// Any time, or one in the middle of a meeting.
    private func moment(_ random: inout SeededRandom) -> Int {
        if !meetingTimes.isEmpty, random.unit() < 0.5 {
            return random.choice(of: meetingTimes) + random.uniform(in: 0...400)
        }
        return random.uniform(in: 0...script.milliseconds - 1)
    }

    private func seat(_ random: inout SeededRandom) -> Int { random.uniform(in: 0...seats - 1) }

    // MARK: Meetings

    /// Who meets whom, over what, for how long, and what goes wrong with it.
    private mutating func drawMeetings() {
        var own = random.fork(label: "meetings")
        let pairs = pairs(&own)
        // Everyone has met somebody before anything happens.
        for (index, pair) in pairs.enumerated() where index < 2 * script.devices {
            meet(pair, at: 1000 + 2000 * index, sound: true, &own)
        }
        let rate = own.logUniform(in: 0.5...1.1)
        let number = Int(rate * hours * Double(script.devices))
        for _ in 0..<number {
            let time = own.uniform(in: 30_000...script.milliseconds - 1)
            meet(own.choice(of: pairs), at: time, sound: false, &own)
        }
    }

    /// The pairs that ever meet: all, a star, or a line.
    private func pairs(_ random: inout SeededRandom) -> [(Int, Int)] {
        let count = script.devices
        switch random.uniform(in: 0...3) {
        case 0: return (1..<count).map { (0, $0) }
        case 1: return (1..<count).map { ($0, $0 - 1) }
        default:
            return (0..<count).flatMap { one in
                (0..<count).filter { $0 != one }.map { (one, $0) }
            }
        }
    }

    private mutating func meet(
        _ pair: (Int, Int), at time: Int, sound: Bool, _ random: inout SeededRandom
    ) {
        var meeting = SwarmEvent.Meeting(
            a: pair.0, b: pair.1, latency: random.choice(of: [1, 10, 50, 120, 300]),
            milliseconds: random.unit() < 0.6
                ? 61_000 : Int(random.logUniform(in: 2_000...7_200_000)),
            mishaps: [])
        if sound { meeting.latency = 5 } else { spoil(&meeting, at: time) }
        meetingTimes.append(time)
        add(.meet(meeting), at: time)
    }

    /// What goes wrong with a meeting, drawn from the streams of the classes.
    private mutating func spoil(_ meeting: inout SwarmEvent.Meeting, at time: Int) {
        for fault in Self.mishapClasses {
            var own = random.fork(label: "\(fault.rawValue) \(meetingTimes.count)")
            guard own.unit() < rates[fault] ?? 0 else { continue }
            let offset = own.uniform(in: 0...own.choice(of: [60, 400, 1500]))
            let direction = own.uniform(in: 0...1)
            let count = own.uniform(in: 1...60)
            switch fault {
            case .partition: meeting.mishaps.append(.partition(after: own.choice(of: [0, offset])))
            case .asymmetricPartition:
                meeting.mishaps.append(.asymmetric(direction: direction, after: offset))
            case .halfOpen: meeting.mishaps.append(.halfOpen(gone: direction, after: offset))
            case .cut: meeting.mishaps.append(.cut(direction: direction, after: offset))
            case .lostBytes:
                meeting.mishaps.append(.lost(direction: direction, at: offset, count: count))
            case .duplicatedBytes:
                meeting.mishaps.append(.repeated(direction: direction, at: offset, count: count))
            case .reorderedBytes:
                meeting.mishaps.append(.swapped(direction: direction, at: offset, count: count))
            case .corruption:
                meeting.mishaps.append(
                    .corrupted(direction: direction, at: offset, bit: count & 7))
            case .latency: meeting.latency = Int(own.logUniform(in: 501...20_000))
            case .bandwidthCap: meeting.bytesPerSecond = Int(own.logUniform(in: 100...5_000))
            case .duplicatedSession:
                var second = meeting
                second.isSecond = true
                add(.meet(second), at: time + own.uniform(in: 0...1000))
            case .replayedSession:
                add(
                    .replay(from: meeting.a, to: meeting.b),
                    at: time + own.uniform(in: 1000...3_600_000))
            default: continue
            }
        }
    }

    private static let mishapClasses: [FaultClass] = [
        .partition, .asymmetricPartition, .halfOpen, .cut, .lostBytes, .duplicatedBytes,
        .reorderedBytes, .corruption, .latency, .bandwidthCap, .duplicatedSession,
        .replayedSession,
    ]

    // MARK: Operations

    private mutating func drawOperations() {
        var own = random.fork(label: "operations")
        var mix = SwarmMix(random.fork(label: "mix"))
        var laterRate = rates[.mixedVersions] ?? 0
        if laterRate > 0 { laterRate = max(laterRate, 0.02) }
        let number = Int(own.uniform(in: 3.6...4.6) * hours * Double(script.devices))
        for index in 0..<number {
            // A few at the beginning, so that there is something to talk about.
            let time =
                index < 2 * script.devices
                ? own.uniform(in: 0...20_000) : moment(&own)
            let isLater = own.unit() < laterRate
            let operation =
                isLater
                ? SwarmOperation.later(row: index & 3, number: index)
                : mix.operation(index, devices: script.devices)
            add(.operate(seat: seat(&own), operation: operation), at: time)
        }
        let rollovers = times(of: .periodRollover, atMost: 4)
        var random = rollovers.random
        for (index, time) in rollovers.times.enumerated() {
            add(
                .operate(
                    seat: seat(&random), operation: .setPeriod(name: "2026-\(index % 3 + 2)")),
                at: time)
        }
    }

    // MARK: Faults

    private mutating func drawDiskFaults() {
        drawCrashes(.crash) { $0.unit() < 0.5 ? (true, nil) : (false, nil) }
        drawCrashes(.tornWrite) { (true, $0.next()) }
        drawCrashes(.crashInRecovery) { ($0.unit() < 0.5, nil) }
        drawCrashes(.bitRot) { ($0.unit() < 0.3, nil) }
        drawCrashes(.lostSync) { (true, $0.unit() < 0.5 ? $0.next() : nil) }
        for (fault, trouble) in [
            (FaultClass.fullDisk, SwarmEvent.Trouble.full), (.inputOutputError, .failing),
        ] {
            var (times, own) = times(of: fault)
            for time in times.sorted() {
                let access = Int(own.logUniform(in: 1...40))
                add(
                    .trouble(
                        seat: seat(&own), kind: trouble, access: access,
                        milliseconds: own.uniform(in: 1000...600_000)), at: time)
            }
            times = []
        }
        drawCopies()
    }

    private mutating func drawCrashes(
        _ fault: FaultClass, _ kind: (inout SeededRandom) -> (isPower: Bool, tearing: UInt64?)
    ) {
        var (times, own) = times(of: fault, atMost: fault == .bitRot ? 2 : 12)
        times.sort()
        for time in times {
            let seat = seat(&own)
            let (isPower, tearing) = kind(&own)
            var crash = SwarmEvent.Crash(
                seat: seat, isPower: isPower, tearing: tearing,
                milliseconds: Int(own.logUniform(in: 100...3_600_000)))
            if fault == .crashInRecovery {
                crash.cutInRecovery = Int(own.logUniform(in: 1...60))
            }
            if fault == .bitRot {
                crash.rot = SwarmEvent.Rot(
                    isInLog: own.unit() < 0.4, millionths: own.uniform(in: 0...999_999),
                    bit: own.uniform(in: 0...7))
            }
            if fault == .lostSync {
                add(.lie(seat: seat), at: max(0, time - own.uniform(in: 0...7_200_000)))
            }
            if isPower, own.unit() < 0.6 {
                let change = Int(own.logUniform(in: 1...40))
                add(.trap(seat: seat, change: change, crash: crash), at: time)
            } else {
                add(.crash(crash), at: time)
            }
        }
    }

    /// Backups that are put back, and copies that are used beside the original.
    private mutating func drawCopies() {
        var (times, own) = times(of: .restoredStore, atMost: 5)
        times.sort()
        for time in times {
            let seat = seat(&own)
            add(.backUp(seat: seat), at: max(0, time - own.uniform(in: 0...7_200_000)))
            add(.restore(seat: seat, inPlace: own.unit() < 0.5), at: time)
        }
        var (clones, other) = self.times(of: .clonedStore, atMost: 2)
        clones.sort()
        for (index, time) in clones.enumerated() {
            let copy = SwarmScript.seatsMax - 1 - index
            let original = seat(&other)
            add(.clone(seat: original, to: copy), at: time)
            // It goes on being used, and meets somebody else now and then.
            for _ in 0..<other.uniform(in: 2...8) {
                let later = other.uniform(in: time...script.milliseconds)
                var mix = SwarmMix(other.fork(label: "mix \(later)"))
                add(
                    .operate(
                        seat: copy, operation: mix.operation(later & 511, devices: script.devices)),
                    at: later)
                let peer = other.uniform(in: 0...script.devices - 1)
                add(
                    .meet(
                        SwarmEvent.Meeting(
                            a: copy, b: peer, latency: 20, milliseconds: 61_000, mishaps: [])),
                    at: other.uniform(in: time...script.milliseconds))
            }
        }
    }

    private mutating func drawOtherFaults() {
        drawStrangers()
        drawClocks()
        drawFleet()
        var (pauses, own) = times(of: .pause)
        pauses.sort()
        for time in pauses {
            add(
                .pause(
                    seat: seat(&own), milliseconds: Int(own.logUniform(in: 100...3_600_000))),
                at: time)
        }
        var tidying = random.fork(label: "tidying")
        for _ in 0..<tidying.uniform(in: 0...3) {
            add(.tidy(seat: seat(&tidying)), at: moment(&tidying))
        }
    }

    private mutating func drawStrangers() {
        for (fault, stranger) in [
            (FaultClass.malformedPeer, Stranger.malformed), (.hostilePeer, .hostile),
            (.mixedVersions, .otherVersion), (.captivePortal, .portal),
        ] {
            let (times, stream) = times(of: fault, atMost: 8)
            var own = stream
            for time in times {
                add(.stranger(seat: seat(&own), kind: stranger, seed: own.next()), at: time)
            }
        }
    }

    private mutating func drawClocks() {
        for fault in [
            FaultClass.skewedClock, .jumpingClock, .frozenClock, .farFutureClock,
        ] {
            let (times, stream) = times(of: fault, atMost: fault == .farFutureClock ? 2 : 6)
            var own = stream
            for time in times {
                let span = Int(own.logUniform(in: 1000...86_400_000))
                let change: SwarmEvent.ClockChange =
                    switch fault {
                    case .skewedClock: .skew(milliseconds: own.unit() < 0.5 ? span : -span)
                    case .jumpingClock: .jump(milliseconds: own.unit() < 0.5 ? span : -span)
                    case .frozenClock: .freeze(milliseconds: span)
                    default: .future(milliseconds: span / 10)
                    }
                add(.clock(seat: seat(&own), change: change), at: time)
            }
        }
    }

    private mutating func drawFleet() {
        var losses = random.fork(label: "loss")
        if rates[.lostForever] ?? 0 > 0, script.devices > 2 {
            add(.lose(seat: seat(&losses)), at: losses.uniform(in: 0...script.milliseconds - 1))
        }
        let (retirements, stream) = times(of: .retiredAndReturning, atMost: 4)
        var own = stream
        for time in retirements {
            add(.retire(seat: seat(&own), other: seat(&own)), at: time)
        }
        var joining = random.fork(label: "join")
        guard rates[.joinInPartition] ?? 0 > 0, script.devices < SwarmEnvironment.devicesMax - 1
        else { return }
        let new = script.devices
        let time = joining.uniform(in: 0...script.milliseconds / 2)
        let friend = seat(&joining)
        add(.join(seat: new), at: time)
        for index in 0..<6 {
            let later = joining.uniform(in: time...script.milliseconds)
            var mix = SwarmMix(joining.fork(label: "mix \(index)"))
            add(
                .operate(seat: new, operation: mix.operation(index, devices: script.devices)),
                at: later)
            add(
                .meet(
                    SwarmEvent.Meeting(
                        a: new, b: friend, latency: 20, milliseconds: 61_000, mishaps: [])),
                at: later + 1000)
        }
    }
}
