import NIOCore
import SyncEngine

extension MonotonicTime {
    /// A moment of the event loop's clock, which is the system's monotonic one.
    init(_ deadline: NIODeadline) {
        self.init(sinceStart: .nanoseconds(Int64(clamping: deadline.uptimeNanoseconds)))
    }

    /// The same moment for the event loop, never before it.
    var deadline: NIODeadline {
        let (seconds, attoseconds) = sinceStart.components
        let nanoseconds = (attoseconds + 999_999_999) / 1_000_000_000
        return .uptimeNanoseconds(
            UInt64(clamping: seconds) * 1_000_000_000 + UInt64(clamping: nanoseconds))
    }
}

extension TimeAmount {
    /// The same length of time; what does not fit counts as the longest.
    init(clamping duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = .nanoseconds(
            overflow ? .max : nanoseconds.addingClamped(attoseconds / 1_000_000_000))
    }
}

extension Int64 {
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
