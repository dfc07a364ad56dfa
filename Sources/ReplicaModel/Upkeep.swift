import CausalTime

/// What a replica does by itself, so that its fleet can forget.
public struct Upkeep: Hashable, Sendable {
    /// How long after the last cut of a lane another one is proposed; a day by default.
    ///
    /// A cut costs about 50 bytes to each device and its acknowledgements about as much again, so
    /// an interval is a balance between what is kept and what is sent.
    public var cutInterval: Duration = .seconds(24 * 3600)

    /// A cut a day.
    public init() {}
}

extension CellWriting {
    /// Does what is due: comes back if the device was retired, acknowledges cuts, proposes one.
    ///
    /// The device with the least identifier proposes; should it stay away, another one does after
    /// twice the interval.
    ///
    /// - Returns: Whether anything was written.
    @discardableResult
    public func keepUp(_ upkeep: Upkeep) throws -> Bool {
        var membership = try Membership(self)
        var hasWritten = false
        if membership.isRetired(device) {
            try admit(device)
            membership = try Membership(self)
            hasWritten = true
        }
        guard membership.contains(device) else { return hasWritten }
        let milliseconds = upkeep.cutInterval.components.seconds * 1000
        let interval = membership.members.first == device ? milliseconds : 2 * milliseconds
        let forgetting = Forgetting(self)
        for lane in Lane.all
        where try forgetting.isCutDue(in: lane, at: now, interval: interval) {
            try proposeCut(of: lane)
            hasWritten = true
        }
        return try acknowledgeCuts() || hasWritten
    }
}
