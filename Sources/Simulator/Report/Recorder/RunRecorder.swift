import CausalTime
import ReplicaModel

/// Collects what a page shows of a run, while it runs.
///
/// A run without one does not do anything for it. It takes what it is told and never reads a
/// replica by itself, so that a run goes the same way with it and without. What it keeps is bounded
/// by ``Limits``, whatever the length of the run.
package final class RunRecorder {
    /// The most of each kind that a page shows.
    package struct Limits: Sendable {
        package var transfers = 5000
        package var routineMarks = 4000
        package var otherMarks = 4000
        package var spans = 4000
        package var links = 4000
        package var handovers = 2000
        package var lagSamples = 400
        package var poolSamples = 1000
        package var remarks = 40

        package init() {}
    }

    let limits: Limits
    /// What there is to show; whole once the run has ended.
    package private(set) var document: ReportDocument
    /// Nothing is shown of what happens before the time zero.
    private(set) var isShown = false
    private var transfers: TransferLog
    private var routine: BoundedLog<ReportDocument.Mark>
    private var marks: BoundedLog<ReportDocument.Mark>
    private var spans: BoundedLog<ReportDocument.Span>
    private var links: BoundedLog<ReportDocument.Link>
    private var pool: BoundedLog<ReportDocument.Pool>
    private var devicePlaces: [String: Int] = [:]
    private var openSpans: [OpenSpan: Int] = [:]
    private var openLinks: [OpenLink: Int] = [:]
    private var textPlaces: [String: Int] = [:]
    private var lag = LagClock()
    private var deeds = DeedLog()
    var handovers: [ReportDocument.Handover] = []
    var pendingHandovers: [PendingHandover] = []
    var handoversSeen = 0
    var rightsKnown: [RightsEntry: UInt64] = [:]
    private var nextSample = 0
    private var sampleEvery = 1000
    private var remarks: [ReportDocument.Remark] = []
    private var neighbourhoods: [[ReportDocument.Remark]] = []
    private var used: UInt64 = 0
    private var lastPool: ReportDocument.Pool?
    private var gone: Set<Int> = []

    private struct OpenSpan: Hashable {
        let device: Int
        let kind: ReportDocument.DeviceState
    }

    private struct OpenLink: Hashable {
        let a: Int
        let b: Int
        let isUp: Bool
    }

    /// Makes one for a run.
    ///
    /// - Parameters:
    ///   - command: What runs it again, for people.
    ///   - limits: How much a page shows.
    package init(command: String, limits: Limits = Limits()) {
        self.limits = limits
        document = ReportDocument(
            kind: .scenario, name: "", title: "", seed: "", command: command,
            laneNames: Lane.all.map(\.description))
        transfers = TransferLog(countMax: limits.transfers, windowMax: 1)
        routine = BoundedLog(countMax: limits.routineMarks)
        marks = BoundedLog(countMax: limits.otherMarks)
        spans = BoundedLog(countMax: limits.spans)
        links = BoundedLog(countMax: limits.links)
        pool = BoundedLog(countMax: limits.poolSamples)
    }

    // MARK: Beginning

    func begin(
        _ kind: ReportDocument.Kind, name: String, title: String, seed: UInt64,
        devices: [String], healedAt: Int, end: Int
    ) {
        document.kind = kind
        document.name = name
        document.title = title
        document.seed = String(seed)
        document.healed = healedAt
        for device in devices { addDevice(device) }
        transfers = TransferLog(countMax: limits.transfers, windowMax: max(1, end))
        sampleEvery = max(1, healedAt / max(1, limits.lagSamples * 3 / 4))
        if devices.count > 100 { sampleEvery *= 1 + devices.count / 200 }
    }

    @discardableResult
    func addDevice(_ name: String) -> Int {
        document.devices.append(
            ReportDocument.Device(name: name, lanes: Lane.all.map { _ in 0 }))
        return document.devices.count - 1
    }

    /// The place of a device of this name, which is added if it is new.
    func place(ofDevice name: String) -> Int {
        if let place = devicePlaces[name] { return place }
        let place = addDevice(name)
        devicePlaces[name] = place
        return place
    }

    /// The time zero has come.
    func show() { isShown = true }

    /// To be called before each thing that happens.
    func tick(_ now: Int, violations: Int) {
        while neighbourhoods.count < violations { neighbourhoods.append(remarks) }
        guard isShown, now >= nextSample, document.lag.count < limits.lagSamples else { return }
        document.lag.append(lag.lag(at: now, without: gone))
        nextSample = now + sampleEvery
    }

    // MARK: What happens

    func sent(
        _ bytes: Int, from: Int, to: Int, at now: Int, arriving arrival: Int, isSpoiled: Bool
    ) {
        document.bytes += UInt64(bytes)
        document.devices[from].sent += UInt64(bytes)
        document.devices[to].received += UInt64(bytes)
        guard isShown else { return }
        transfers.append(
            ReportDocument.Transfer(
                from: from, to: to, sent: now, arrived: arrival, bytes: UInt64(bytes), count: 1,
                isSpoiled: isSpoiled))
    }

    func sentByLane(_ bytes: LaneBytesSent, from device: Int) {
        for (place, lane) in Lane.all.enumerated() {
            document.devices[device].lanes[place] += bytes(lane)
        }
    }

    typealias LaneBytesSent = (Lane) -> UInt64

    func link(_ a: Int, _ b: Int, isUp: Bool, begins: Bool, at now: Int) {
        let key = OpenLink(a: min(a, b), b: max(a, b), isUp: isUp)
        if begins {
            if openLinks[key] == nil { openLinks[key] = max(0, now) }
        } else if let from = openLinks.removeValue(forKey: key), isShown {
            links.append(ReportDocument.Link(a: key.a, b: key.b, isUp: isUp, from: from, to: now))
        }
    }

    func state(_ kind: ReportDocument.DeviceState, of device: Int, begins: Bool, at now: Int) {
        let key = OpenSpan(device: device, kind: kind)
        if kind == .gone, begins { gone.insert(device) }
        if begins {
            if openSpans[key] == nil { openSpans[key] = max(0, now) }
        } else if let from = openSpans.removeValue(forKey: key) {
            spans.append(ReportDocument.Span(device: device, kind: kind, from: from, to: now))
        }
    }

    /// A state whose end is known.
    func span(_ kind: ReportDocument.DeviceState, of device: Int, from: Int, to: Int) {
        spans.append(ReportDocument.Span(device: device, kind: kind, from: from, to: to))
    }

    func mark(
        _ kind: ReportDocument.MarkKind, on device: Int, at now: Int,
        _ text: @autoclosure () -> String
    ) {
        guard isShown else { return }
        let isRoutine = kind == .operation || kind == .refusal
        let mark = ReportDocument.Mark(
            device: device, at: now, kind: kind, text: place(of: text()))
        if isRoutine { routine.append(mark) } else { marks.append(mark) }
    }

    func remark(_ text: String, at now: Int) {
        remarks.append(ReportDocument.Remark(at: now, text: Self.plain(text)))
        if remarks.count > limits.remarks { remarks.removeFirst() }
    }

    /// Where a text is; each is kept once.
    private func place(of text: String) -> Int {
        let text = Self.plain(text)
        if let place = textPlaces[text] { return place }
        textPlaces[text] = document.texts.count
        document.texts.append(text)
        return document.texts.count - 1
    }

    /// Values as the language prints them, without the names of modules and types around them.
    private static func plain(_ text: String) -> String {
        guard text.contains("Simulator.") else { return text }
        return text.replacing("Simulator.SwarmEvent.Kind.", with: "")
            .replacing("Simulator.SwarmEvent.", with: "")
            .replacing("Simulator.SwarmOperation.", with: "").replacing("Simulator.", with: "")
    }

    /// A device has come to have seen this much.
    func advanced(_ device: Int, to seen: LaneVectors, at now: Int) {
        lag.advance(device, to: seen, at: now)
        guard isShown else { return }
        for conflict in deeds.conflicts(in: seen) {
            let (one, other) = (conflict.one, conflict.other)
            let names = [one, other].map { "\(document.devices[$0.device].name): \($0.text)" }
            mark(.conflict, on: device, at: now, names.joined(separator: " ↔ "))
        }
        arrive(device, seen, at: now)
    }

    /// A device has acknowledged something.
    func append(_ deed: RecordedDeed) { if isShown { deeds.append(deed) } }

    /// Whether a device has seen a write.
    func has(_ device: Int, _ lane: Lane, _ dot: Dot) -> Bool { lag.has(device, lane, dot) }

    func didUse(_ bytes: UInt64) { used += bytes }

    func pool(granted: UInt64, reserved: UInt64, used: UInt64? = nil, at now: Int) {
        let sample = ReportDocument.Pool(
            at: max(0, now), granted: granted, reserved: reserved, used: used ?? self.used)
        lastPool = sample
        if isShown { pool.append(sample) }
    }

    // MARK: Ending

    /// Ends everything that is going on.
    func finish(at now: Int, converged: Bool, sessions: Int, violations: [Violation]) {
        tick(now, violations: violations.count)
        document.lag.append(lag.lag(at: now, without: gone))
        if let lastPool {
            pool.append(
                ReportDocument.Pool(
                    at: now, granted: lastPool.granted, reserved: lastPool.reserved,
                    used: lastPool.used))
        }
        endAll(at: now)
        document.end = now
        document.healed = min(document.healed, now)
        document.converged = converged
        document.sessions = sessions
        document.passed = converged && violations.isEmpty
        document.violations = violations.enumerated().map(broken)
        document.transfers = transfers.transfers
        document.marks = (routine.elements + marks.elements)
            .sorted { ($0.at, $0.device, $0.text) < ($1.at, $1.device, $1.text) }
        document.spans = spans.elements
        document.links = links.elements
        document.pool = pool.elements
        document.handovers = handovers
        document.omissions = [
            transfers.omission, routine.omission("operations"), marks.omission("other marks"),
            spans.omission("states of devices"), links.omission("connections and cuts"),
            pool.omission("points of the pool's curve"), handoverOmission,
        ].compactMap { $0 }
    }

    /// In an order that is the same in every process.
    private func endAll(at now: Int) {
        let states = openSpans.keys.sorted {
            ($0.device, $0.kind.rawValue) < ($1.device, $1.kind.rawValue)
        }
        for key in states { state(key.kind, of: key.device, begins: false, at: now) }
        let pairs = openLinks.keys.sorted {
            ($0.a, $0.b, $0.isUp ? 1 : 0) < ($1.a, $1.b, $1.isUp ? 1 : 0)
        }
        for key in pairs { link(key.a, key.b, isUp: key.isUp, begins: false, at: now) }
    }

    private func broken(_ place: Int, _ violation: Violation) -> ReportDocument.Broken {
        ReportDocument.Broken(
            rule: violation.rule.rawValue, at: Int((violation.at * 1000).rounded()),
            message: violation.message, device: device(in: violation.message),
            before: place < neighbourhoods.count ? neighbourhoods[place] : [])
    }

    /// The device that a message is about, if it begins with one.
    private func device(in message: String) -> Int? {
        // The oracle of random worlds speaks of a device where it means any seat of it.
        let message =
            document.kind == .world ? message.replacing("device ", with: "seat ") : message
        return document.devices.firstIndex { device in
            // What stands in brackets after the name of a copy is no part of it.
            let name = device.name.prefix { $0 != "(" }.split(separator: " ").joined(separator: " ")
            return [":", ",", " "].contains { message.hasPrefix("\(name)\($0)") }
        }
    }
}
