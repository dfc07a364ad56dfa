/// Plans the signal losses of one device along an itinerary.
struct DevicePlanner {
    let trip: Scenario.Trip
    let device: Scenario.Device
    /// When the scenario ends: nothing begins after it.
    let end: Duration
    /// When the timeline frees the device, in time order.
    let frees: [Duration]
    var random: SeededRandom

    private(set) var firstOperator: Operator?
    private var losses: [SignalLoss] = []

    init(
        trip: Scenario.Trip, device: Scenario.Device, end: Duration, frees: [Duration],
        random: SeededRandom
    ) {
        self.trip = trip
        self.device = device
        self.end = end
        self.frees = frees
        self.random = random
    }

    /// Returns all losses that begin before the end, in time order and without overlap.
    mutating func plan() -> [SignalLoss] {
        guard device.handover != .notAffected else { return [] }
        var current: Operator?
        for leg in trip.itinerary.legs {
            let next = planLeg(leg, from: current)
            current = next
        }
        return losses
    }

    /// Plans one leg and returns the network at its end.
    private mutating func planLeg(_ leg: Itinerary.Leg, from current: Operator?) -> Operator {
        // A device stays with the network it has as long as the next leg offers that one.
        let drawn = random.choice(of: leg.from.plmns)
        let kept = leg.from.plmns.first { $0 == current?.plmn }
        let before = trip.operators.network(kept ?? drawn)
        if firstOperator == nil { firstOperator = before }
        let after = trip.operators.network(random.choice(of: leg.to.plmns))
        switch leg.border {
        case nil:
            return before
        case .line(let at, let overlap, let flaps):
            let window = (max(leg.depart, at - overlap / 2))...(max(at, at + overlap / 2))
            let loseAt = spread(around: at, within: overlap > .zero ? window : nil)
            if flaps {
                planFlaps(in: window.lowerBound...max(window.lowerBound, loseAt), before, after)
            }
            add(from: loseAt, coverage: loseAt, (before, after), .border)
        case .tunnel(let at, let length):
            let loseAt = spread(around: at, within: nil)
            add(from: loseAt, coverage: loseAt + length, (before, after), .tunnel)
        case .flight(let from, let until):
            let loseAt = spread(around: from, within: nil)
            let coverage = max(loseAt, spread(around: until, within: nil))
            add(from: loseAt, coverage: coverage, (before, after), .flight)
        }
        return after
    }

    private mutating func spread(
        around time: Duration, within window: ClosedRange<Duration>?
    ) -> Duration {
        let offset = random.uniform(in: (.zero - HandoverModel.spread)...HandoverModel.spread)
        let drawn = max(.zero, time + offset)
        guard let window else { return drawn }
        return min(max(drawn, window.lowerBound), window.upperBound)
    }

    /// Short losses, one in each of as many equal slots, between networks of both countries.
    private mutating func planFlaps(
        in window: ClosedRange<Duration>, _ before: Operator, _ after: Operator
    ) {
        let count = random.uniform(in: HandoverModel.flapCount)
        let slot = (window.upperBound - window.lowerBound) / count
        guard slot > HandoverModel.flapLength.lowerBound else { return }
        var current = before
        for index in 0..<count {
            let longest = min(HandoverModel.flapLength.upperBound, slot)
            let length = random.uniform(in: HandoverModel.flapLength.lowerBound...longest)
            let start = window.lowerBound + slot * index
            let loseAt = random.uniform(in: start...(start + slot - length))
            // The last one leads home again: from there the border itself is crossed.
            let goesAcross = index < count - 1 && current == before
            let next = goesAcross ? after : before
            append(
                SignalLoss(
                    loseAt: loseAt, coverageAt: loseAt, regainAt: loseAt + length, freedAt: nil,
                    fromOperator: current, toOperator: next, reason: .flap))
            current = next
        }
    }

    private mutating func add(
        from loseAt: Duration, coverage: Duration, _ operators: (from: Operator, to: Operator),
        _ reason: SignalLoss.Reason
    ) {
        let handover = HandoverModel.draw(for: device, using: &random)
        append(
            SignalLoss(
                loseAt: loseAt, coverageAt: coverage, regainAt: handover.map { coverage + $0 },
                freedAt: handover == nil ? freed(sinceLossAt: loseAt, coverage: coverage) : nil,
                fromOperator: operators.from, toOperator: operators.to, reason: reason))
    }

    /// When the timeline helps a device that is stuck: at the first such step since the loss, or as
    /// soon after it as there is a network.
    private func freed(sinceLossAt loseAt: Duration, coverage: Duration) -> Duration? {
        frees.first { $0 + HandoverModel.freeTolerance >= loseAt }.map { max($0, coverage) }
    }

    /// Appends a loss; one that begins before the last is over makes that one longer instead.
    private mutating func append(_ loss: SignalLoss) {
        guard loss.loseAt < end else { return }
        guard let last = losses.last, last.covers(loss.loseAt) else {
            losses.append(loss)
            return
        }
        let isStuck = last.isStuck || loss.isStuck
        let coverage = max(last.coverageAt, loss.coverageAt)
        // Whoever is stuck at one border is still stuck at the next.
        let regainAt = isStuck ? nil : [last.regainAt, loss.regainAt].compactMap(\.self).max()
        losses[losses.count - 1] = SignalLoss(
            loseAt: last.loseAt, coverageAt: coverage, regainAt: regainAt,
            freedAt: isStuck ? freed(sinceLossAt: loss.loseAt, coverage: coverage) : nil,
            fromOperator: last.fromOperator, toOperator: loss.toOperator, reason: loss.reason)
    }
}
