/// How a live run is at one moment, in terms that can be drawn.
package struct FleetPicture: Sendable {
    /// One device.
    package struct Device: Sendable {
        package var name: String
        package var link: Link
        /// How long ago it exchanged something, in scenario time; nothing if it has not.
        package var sinceSync: Duration?
        /// Bytes it measured.
        package var used: UInt64 = 0
        /// Bytes that its rights allow.
        package var granted: UInt64 = 0
        /// Nothing until it has been asked.
        package var digest: String?

        package init(name: String, link: Link) {
            self.name = name
            self.link = link
        }
    }

    /// How a device is connected.
    package enum Link: Hashable, Sendable {
        case starting
        /// So many of its links carry something.
        case connected(Int, of: Int)
        /// It looks for a network, since this time.
        case noSignal(since: Duration, towards: String)
        /// The scenario has cut all its links.
        case cut
        /// The scenario has killed its process.
        case killed
        /// The scenario lets its process stand still.
        case paused
        /// It has not joined yet, or is lost.
        case absent
    }

    package var title: String
    package var timescale: Double
    package var seed: UInt64
    /// What the run is about now: a place of the trip, or what is awaited.
    package var place: String
    /// The scenario's time, and when it ends.
    package var now: Duration
    package var duration: Duration
    /// When borders are crossed.
    package var borders: [Duration]
    package var devices: [Device]

    package init(
        title: String, timescale: Double, seed: UInt64, duration: Duration, borders: [Duration]
    ) {
        self.title = title
        self.timescale = timescale
        self.seed = seed
        self.duration = duration
        self.borders = borders
        place = ""
        now = .zero
        devices = []
    }
}
