/// Where a live run shows what happens.
///
/// Every method may be called on any thread.
package protocol LiveDisplay: Sendable {
    /// Something happened that people may want to know.
    func show(_ event: LiveEvent)
    /// How things are now; called about ten times in a second.
    func refresh(_ picture: FleetPicture)
    /// Nothing more comes. What was changed of the terminal is as it was before.
    func close()
}

/// A line for people.
package struct LiveEvent: Hashable, Sendable {
    /// The scenario's time; nothing before it begins.
    package let at: Duration?
    /// What happened.
    package let text: String

    package init(at: Duration?, _ text: String) {
        self.at = at
        self.text = text
    }
}

/// Shows nothing.
package struct NoDisplay: LiveDisplay {
    package init() {}
    package func show(_ event: LiveEvent) {}
    package func refresh(_ picture: FleetPicture) {}
    package func close() {}
}
