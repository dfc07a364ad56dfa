/// All that happens in one random world, as data: the same script does the same, to the byte.
///
/// Nothing is drawn while it runs, so events can be taken out of it and the others stay as they
/// were. That is what shrinking a failure rests on. Times are milliseconds.
package struct SwarmScript: Codable, Hashable, Sendable {
    /// What it was drawn from; names the nonces of writers.
    package var seed: UInt64
    /// How many devices there are from the beginning.
    package var devices: Int
    /// How long it goes on until everything is healed.
    package var milliseconds: Int
    /// How long after the last cut of a lane another one is proposed.
    package var cutHours: Int
    /// The seed of who is connected to whom once everything is healed.
    package var healing: UInt64
    /// What happens, in order of time.
    package var events: [SwarmEvent]

    /// Draws the script of a seed.
    package init(drawnFrom seed: UInt64) { self = SwarmDraw.script(of: seed) }

    /// Makes a script of its parts.
    init(
        seed: UInt64, devices: Int, milliseconds: Int, cutHours: Int, healing: UInt64,
        events: [SwarmEvent]
    ) {
        self.seed = seed
        self.devices = devices
        self.milliseconds = milliseconds
        self.cutHours = cutHours
        self.healing = healing
        self.events = events
    }

    /// The most seats that there can be: devices, those that join, and copies.
    package static let seatsMax = 12
}

/// Something that happens in a random world, and when.
package struct SwarmEvent: Codable, Hashable, Sendable {
    /// Milliseconds from the beginning.
    package var at: Int
    package var kind: Kind

    /// What happens.
    ///
    /// Seats are replicas in use: that of a device, or a copy of it.
    package enum Kind: Codable, Hashable, Sendable {
        /// A person or a meter does something on a device.
        case operate(seat: Int, operation: SwarmOperation)
        /// Two devices connect.
        case meet(Meeting)
        /// The last session between two devices arrives again.
        case replay(from: Int, to: Int)
        /// Somebody connects who is not of the fleet or does not keep to the rules.
        case stranger(seat: Int, kind: Stranger, seed: UInt64)
        /// The process ends, and begins again after a while.
        case crash(Crash)
        /// The power fails at the so many-th change of the disk from now.
        case trap(seat: Int, change: Int, crash: Crash)
        /// The disk fails from its so many-th access on, for a while.
        case trouble(seat: Int, kind: Trouble, access: Int, milliseconds: Int)
        /// Syncs do nothing from now on, until the power fails.
        case lie(seat: Int)
        case pause(seat: Int, milliseconds: Int)
        case backUp(seat: Int)
        /// The latest backup is put back.
        case restore(seat: Int, inPlace: Bool)
        /// The files are copied, and the copy is used as another seat.
        case clone(seat: Int, to: Int)
        case clock(seat: Int, change: ClockChange)
        case lose(seat: Int)
        /// A device that was not there joins the fleet by itself.
        case join(seat: Int)
        case retire(seat: Int, other: Int)
        /// Cuts are proposed of all lanes.
        case tidy(seat: Int)
    }

    /// A connection between two seats.
    package struct Meeting: Codable, Hashable, Sendable {
        package var a: Int
        package var b: Int
        /// How long bytes are under way.
        package var latency: Int
        package var bytesPerSecond: Int?
        /// After how long it is closed.
        package var milliseconds: Int
        package var mishaps: [Mishap]
        /// Whether it was made beside another one of the same devices.
        package var isSecond = false
    }

    /// What goes wrong with a connection.
    ///
    /// Offsets count the bytes of one direction: 0 from the one
    /// who dialled, 1 to it.
    package enum Mishap: Codable, Hashable, Sendable {
        case partition(after: Int)
        case asymmetric(direction: Int, after: Int)
        case halfOpen(gone: Int, after: Int)
        case cut(direction: Int, after: Int)
        case lost(direction: Int, at: Int, count: Int)
        case repeated(direction: Int, at: Int, count: Int)
        case swapped(direction: Int, at: Int, count: Int)
        case corrupted(direction: Int, at: Int, bit: Int)
    }

    /// How a process ends, and how it comes back.
    package struct Crash: Codable, Hashable, Sendable {
        package var seat: Int
        /// Whether the power fails, so that writes that were not synced are at risk.
        package var isPower: Bool
        /// Which of them are lost: all, or some by this seed, one perhaps torn.
        package var tearing: UInt64?
        /// How long the device is off.
        package var milliseconds: Int
        /// The access to the disk at which the power fails again while it starts.
        package var cutInRecovery: Int?
        /// A bit that is another one afterwards: where, in millionths of the file, and which file.
        package var rot: Rot?
    }

    /// A bit that flips.
    package struct Rot: Codable, Hashable, Sendable {
        package var isInLog: Bool
        package var millionths: Int
        package var bit: Int
    }

    package enum Trouble: String, Codable, Hashable, Sendable { case full, failing }

    /// What a clock does.
    package enum ClockChange: Codable, Hashable, Sendable {
        case skew(milliseconds: Int)
        case jump(milliseconds: Int)
        case freeze(milliseconds: Int)
        case future(milliseconds: Int)
    }
}
