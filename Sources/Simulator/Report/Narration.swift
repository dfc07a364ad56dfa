import FleetModel

/// What people are told while a scenario runs: one line for each event that is not routine.
package enum Narration {
    /// The line for an event; nothing for routine use of data.
    package static func line(
        for kind: ScheduledEvent.Kind, in scenario: Scenario
    ) -> String? {
        func name(_ device: Int) -> String { scenario.devices[device].name }
        switch kind {
        case .use: return nil
        case .say(let text): return text
        case .operate(let device, let operation):
            return "\(name(device)) \(text(for: operation, in: scenario))"
        case .links(let action): return text(for: action, name)
        case .loseSignal(let device, let loss):
            let stuck = loss.isStuck ? ", stuck until freed" : ""
            return "\(name(device)) lost its signal (\(loss.fromOperator.name))\(stuck)"
        case .regainSignal(let device, let loss):
            return "\(name(device)) registered with \(loss.toOperator.name) "
                + "(\(loss.toOperator.country))"
        case .crash(let device): return "\(name(device)) killed"
        case .restart(let device): return "\(name(device)) started again"
        case .befall(let device, let event): return "\(name(device)) \(text(for: event))"
        case .expect: return nil
        }
    }

    private static func text(for event: Scenario.DeviceEvent) -> String {
        switch event {
        case .pause: "stands still"
        case .resume: "goes on"
        case .powerCut: "loses its power"
        case .disk(.full): "finds its disk full"
        case .disk(.failing): "finds its disk failing"
        case .disk(.healthy): "has a disk that works again"
        case .clock(.ahead(let time)): "has a clock that is \(time.scenarioText) ahead"
        case .clock(.behind(let time)): "has a clock that is \(time.scenarioText) behind"
        case .clock(.frozen): "has a clock that stands still"
        case .clock(.right): "has its clock set right"
        case .lose: "is lost"
        case .join: "joins"
        case .visit(let stranger): "is visited by a \(stranger.rawValue) stranger"
        }
    }

    /// What a device is told to do.
    static func text(for operation: FleetOperation, in scenario: Scenario) -> String {
        switch operation {
        case .edit(let iccid, let field, let value):
            return "sets \(field.name) of …\(iccid.digits.suffix(5)) to '\(value)'"
        case .addProfile(let iccid, let fields):
            let nickname = fields[.nickname].map { " '\($0)'" } ?? ""
            return "adds profile …\(iccid.digits.suffix(5))\(nickname)"
        case .removeProfile(let iccid): return "removes profile …\(iccid.digits.suffix(5))"
        case .use(let bytes, _, _): return "uses \(bytes)"
        case .reserve(let bytes): return "reserves \(bytes)"
        case .grant(let bytes, _): return "grants \(bytes)"
        case .allocate(let shares, _):
            let list = shares.map { "\(scenario.devices[$0.device].name) \($0.share)" }
            return "allocates \(list.joined(separator: ", "))"
        case .hand(let bytes, let device, _):
            return "hands \(bytes) to \(scenario.devices[device].name)"
        case .request(let bytes): return "asks for \(bytes)"
        case .closePart: return "gives back its part of the pool"
        case .setPeriod(let name): return "begins the billing period \(name)"
        case .retire(let device): return "retires \(scenario.devices[device].name)"
        case .write(let record, let value): return "writes \(record): '\(value)'"
        case .right(let name, .offer(let device)):
            return "offers \(name) to \(scenario.devices[device].name)"
        case .right(let name, .accept): return "accepts \(name)"
        case .right(let name, .decline): return "declines \(name)"
        case .right(let name, .override(let device, _)):
            return "gives \(name) to \(scenario.devices[device].name)"
        }
    }

    private static func text(
        for action: Scenario.Action, _ name: (Int) -> String
    ) -> String? {
        func text(_ selection: Scenario.LinkSelection) -> String {
            switch selection {
            case .all: "all links"
            case .devices(let devices): devices.map(name).joined(separator: ", ")
            case .between(let a, let b): "\(name(a))–\(name(b))"
            }
        }
        switch action {
        case .cut(let selection): return "cut: \(text(selection))"
        case .silence(let from, let to):
            return "what \(name(from)) sends to \(name(to)) is lost"
        case .restore(let selection): return "restored: \(text(selection))"
        case .heal: return "all cuts healed"
        case .split(let groups):
            let list = groups.map { $0.map(name).joined(separator: " ") }
            return "split: \(list.joined(separator: " | "))"
        default: return nil
        }
    }
}
