extension Scenario {
    /// What happens to one device from outside: to its process, its disk, its clock, or to it as a
    /// whole.
    package enum DeviceEvent: Sendable, Equatable {
        /// Its process stands still, as by SIGSTOP, and keeps its connections.
        case pause
        /// It goes on.
        case resume
        /// The power fails: of what was written and not synced, some is lost or torn.
        case powerCut
        /// Its disk is from now on in this state.
        case disk(DiskState)
        /// Its wall clock is from now on wrong like this.
        case clock(ClockChange)
        /// It is gone for ever, with its replica.
        case lose
        /// It was not there before, and joins the fleet by itself.
        case join
        /// Somebody connects to it who is not of the fleet or breaks the rules.
        case visit(Stranger)
    }

    /// How well a disk works.
    package enum DiskState: String, Sendable, Equatable, CaseIterable {
        /// Every write finds it full.
        case full
        /// Every access fails.
        case failing
        /// It works.
        case healthy
    }

    /// How a wall clock is wrong; the time that counts intervals never is.
    package enum ClockChange: Sendable, Equatable {
        /// It shows so much more than it should.
        case ahead(Duration)
        /// It shows so much less.
        case behind(Duration)
        /// It shows what it shows now.
        case frozen
        /// It is right.
        case right
    }
}
