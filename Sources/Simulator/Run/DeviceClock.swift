import CausalTime
import Synchronization

/// The wall clock of one device: the fleet's time, unless the scenario made it wrong.
final class DeviceClock: Sendable {
    private struct Fault {
        var offset: Int64 = 0
        var frozenAt: WallTime?
    }

    private let shared: SimulatedClock
    private let fault = Mutex(Fault())

    init(_ shared: SimulatedClock) { self.shared = shared }

    /// What it shows.
    var now: WallTime {
        fault.withLock { fault in
            fault.frozenAt
                ?? WallTime(milliseconds: shared.now.milliseconds + fault.offset)
        }
    }

    func change(_ change: Scenario.ClockChange) {
        let shown = now
        fault.withLock { fault in
            switch change {
            case .ahead(let time): fault = Fault(offset: Int64(time.wholeMilliseconds))
            case .behind(let time): fault = Fault(offset: -Int64(time.wholeMilliseconds))
            case .frozen: fault = Fault(frozenAt: shown)
            case .right: fault = Fault()
            }
        }
    }
}
