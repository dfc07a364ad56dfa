/// Makes a script that breaks a rule as small as it can, while it goes on breaking the rule.
///
/// Nothing is drawn while a script runs, so every part can be left out by itself. First whole
/// stretches of events go, then devices, then single events and what goes wrong with connections.
///
/// Source: A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (IEEE TSE
/// 2002).
package struct SwarmShrinker {
    /// The smallest script so far.
    package private(set) var script: SwarmScript
    /// What it breaks.
    package private(set) var violation: Violation
    /// How many scripts have been tried.
    package private(set) var attempts = 0
    private let attemptsMax: Int
    private let run: (SwarmScript) -> SwarmRun

    /// Prepares to shrink; nothing if the script breaks no rule.
    ///
    /// - Parameters:
    ///   - script: What fails.
    ///   - attemptsMax: How many smaller ones are tried at most.
    package init?(_ script: SwarmScript, attemptsMax: Int = 3000) {
        self.init(script, attemptsMax: attemptsMax) { SwarmRun.run($0) }
    }

    /// Prepares to shrink a script that is run in some other way.
    init?(
        _ script: SwarmScript, attemptsMax: Int, run: @escaping (SwarmScript) -> SwarmRun
    ) {
        guard let violation = run(script).violation else { return nil }
        self.run = run
        self.script = script
        self.violation = violation
        self.attemptsMax = attemptsMax
    }

    /// Shrinks until nothing more can be left out.
    ///
    /// - Parameter didShrink: Told of the events that are left, each time they become fewer.
    package mutating func shrink(didShrink: (Int) -> Void = { _ in }) {
        dropWhatComesAfter()
        var before: SwarmScript
        repeat {
            before = script
            dropEvents(didShrink)
            dropDevices()
            simplifyMeetings()
            didShrink(script.events.count)
        } while script != before && attempts < attemptsMax
    }

    /// Takes a candidate if it still breaks the same rule.
    private mutating func take(_ candidate: SwarmScript) -> Bool {
        guard candidate != script, attempts < attemptsMax else { return false }
        attempts += 1
        guard let found = run(candidate).violation, found.rule == violation.rule else {
            return false
        }
        script = candidate
        violation = found
        return true
    }

    private mutating func dropWhatComesAfter() {
        let end = Int(violation.at * 1000) + 1
        guard end < script.milliseconds else { return }
        var candidate = script
        candidate.events = script.events.filter { $0.at <= end }
        candidate.milliseconds = end + 1
        _ = take(candidate)
    }

    private mutating func dropEvents(_ didShrink: (Int) -> Void) {
        var size = max(1, script.events.count / 2)
        while true {
            var start = 0
            while start < script.events.count {
                var candidate = script
                let end = min(start + size, script.events.count)
                candidate.events.removeSubrange(start..<end)
                if take(candidate) { didShrink(script.events.count) } else { start = end }
            }
            guard size > 1 else { return }
            size /= 2
        }
    }

    private mutating func dropDevices() {
        for seat in (0..<SwarmScript.seatsMax).reversed() {
            var candidate = script
            candidate.events = script.events.filter { !$0.kind.seats.contains(seat) }
            if seat == script.devices - 1, script.devices > 1 { candidate.devices -= 1 }
            _ = take(candidate)
        }
    }

    private mutating func simplifyMeetings() {
        for index in script.events.indices {
            guard case .meet(let meeting) = script.events[index].kind else { continue }
            for mishap in meeting.mishaps.indices.reversed() {
                var simpler = meeting
                simpler.mishaps.remove(at: mishap)
                replace(simpler, at: index)
            }
            guard case .meet(var simpler) = script.events[index].kind else { continue }
            simpler.bytesPerSecond = nil
            simpler.latency = min(simpler.latency, 10)
            simpler.isSecond = false
            replace(simpler, at: index)
        }
    }

    private mutating func replace(_ meeting: SwarmEvent.Meeting, at index: Int) {
        var candidate = script
        candidate.events[index].kind = .meet(meeting)
        _ = take(candidate)
    }
}

extension SwarmEvent.Kind {
    /// The seats that it is about.
    var seats: [Int] {
        switch self {
        case .operate(let seat, _), .stranger(let seat, _, _), .trap(let seat, _, _),
            .trouble(let seat, _, _, _), .lie(let seat), .pause(let seat, _), .backUp(let seat),
            .restore(let seat, _), .clock(let seat, _), .lose(let seat), .join(let seat),
            .tidy(let seat):
            [seat]
        case .meet(let meeting): [meeting.a, meeting.b]
        case .replay(let from, let to): [from, to]
        case .crash(let crash): [crash.seat]
        case .clone(let seat, let other), .retire(let seat, let other): [seat, other]
        }
    }
}
