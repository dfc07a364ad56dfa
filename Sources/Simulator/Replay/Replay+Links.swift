import SyncEngine
import SyncWire

extension Replay {
    private var time: MonotonicTime { MonotonicTime(sinceStart: now) }

    /// Opens a connection between two devices; its greeting is under way then.
    func connect(_ a: Int, _ b: Int, isLasting: Bool) throws -> ReplayLink {
        let link = ReplayLink(
            between: devices[a], and: devices[b], isLasting: isLasting, at: now, options: options)
        for side in 0...1 {
            try drive(link, side, .encode) { $0.connected(at: $1, replica: $2) }
        }
        return link
    }

    /// A connection that ends when both have what either had.
    func meet(_ a: Int, _ b: Int) throws {
        let link = try connect(a, b, isLasting: false)
        try settle(link)
        if link.isOpen, link.synchronized.contains(false) {
            problem("devices \(a) and \(b) did not become level")
        }
        try close(link)
    }

    /// Lets everything happen that a connection has under way.
    func settle(_ link: ReplayLink) throws {
        try run { !link.isBusy(at: self.now) }
    }

    func close(_ link: ReplayLink) throws {
        try settle(link)
        link.isOpen = false
        // A reminder may hold on to the link for long; its streams need not wait for that.
        link.ends = []
        links.removeAll { $0 === link }
    }

    func handle(_ event: Event) throws {
        switch event {
        case .deliver(let link, let side, let bytes):
            link.inFlight -= 1
            guard link.isOpen else { return }
            try drive(link, side, .apply) { $0.received(bytes, at: $1, replica: $2) }
            note(link, \.roundTripsAcknowledged)
        case .deadline(let link, let side):
            link.scheduled[side] = nil
            guard link.isOpen else { return }
            try drive(link, side, .encode) { $0.timeReached(at: $1, replica: $2) }
        }
    }

    /// Tells a device's connections that its replica has changed, but the one that changed it.
    func didChange(_ device: ReplayDevice, through cause: ReplayLink?) throws {
        for link in links where link !== cause && link.isOpen {
            guard let side = link.devices.firstIndex(of: device.index) else { continue }
            if !link.isBusy(at: now) {
                link.began = now
                link.hasApplied = false
            }
            let vectors = device.vectors
            try drive(link, side, .encode) {
                $0.changed(to: vectors, relayed: cause != nil, at: $1, replica: $2)
            }
        }
    }

    /// Calls one end of a connection, and does what it asks for.
    private func drive(
        _ link: ReplayLink, _ side: Int, _ work: ProcessorMeter.Work,
        _ call: (inout ReplayLink.Connection, MonotonicTime, MeteredStore) ->
            ReplayLink.Connection.Output
    ) throws {
        let device = devices[link.devices[side]]
        let before = (meter.encode, meter.apply)
        meter.turn(to: work)
        let output = call(
            &link.ends[side], time, MeteredStore(store: device.store, meter: meter))
        meter.turn(to: nil)
        count(link, side, seconds: (meter.encode - before.0, meter.apply - before.1))
        if !output.bytes.isEmpty {
            link.inFlight += 1
            queue.schedule(
                .deliver(link, side: 1 - side, output.bytes), at: now + options.latency)
        }
        for progress in output.progress {
            switch progress {
            case .greeted: break
            case .diverged(let step):
                problem("the peer of device \(device.index) \(step)")
            case .synchronized:
                link.synchronized[side] = true
                if !link.hasApplied { note(link, \.roundTrips) }
            case .applied(_, let cells):
                link.hasApplied = true
                if let measuring { report.measures[measuring].cells += UInt64(cells) }
                note(link, \.roundTrips)
                try didChange(device, through: link)
            }
        }
        if let reason = output.close {
            link.isOpen = false
            problem("device \(device.index) closed the connection: \(reason)")
        }
        remind(link, side)
    }

    /// Notes how long the present exchange has taken.
    private func note(
        _ link: ReplayLink, _ duration: WritableKeyPath<ReplayReport.Measure, Double>
    ) {
        guard let measuring else { return }
        let took = (now - link.began) / (options.latency * 2)
        report.measures[measuring][keyPath: duration] = max(
            report.measures[measuring][keyPath: duration], took)
    }

    /// Counts what an end has said since it was counted last.
    private func count(
        _ link: ReplayLink, _ side: Int, seconds: (encode: Double, apply: Double)
    ) {
        let (traffic, before) = (link.ends[side].traffic, link.counted[side])
        link.counted[side] = traffic
        guard let measuring else { return }
        report.measures[measuring].add(traffic, since: before)
        report.measures[measuring].encodeSeconds += seconds.encode
        report.measures[measuring].applySeconds += seconds.apply
    }

    private func remind(_ link: ReplayLink, _ side: Int) {
        guard link.isOpen, let due = link.ends[side].deadline?.sinceStart else { return }
        if let scheduled = link.scheduled[side], scheduled <= due { return }
        link.scheduled[side] = due
        queue.schedule(.deadline(link, side: side), at: due)
    }
}

extension ReplayReport.Measure {
    fileprivate mutating func add(_ traffic: TrafficCount, since before: TrafficCount) {
        let preambles = traffic.preambleBytesSent - before.preambleBytesSent
        preambleBytes += preambles
        messages += traffic.messagesSent - before.messagesSent - (preambles > 0 ? 1 : 0)
        bytesFramed += traffic.bytesSent - before.bytesSent - preambles
        bytesRaw += traffic.rawBytesSent - before.rawBytesSent - preambles
        acknowledgementBytes +=
            traffic.acknowledgementBytesSent - before.acknowledgementBytesSent
    }
}
