/// Why a scalar of a scenario file has no meaning; its reader adds the place.
package struct ValueError: Error, Equatable, Sendable {
    /// The reason, one line.
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}
