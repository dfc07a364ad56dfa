/// Why a live run could not be carried out, or not to its end.
package struct LiveError: Error, Equatable, CustomStringConvertible {
    /// Whose fault it is.
    package enum Kind: Equatable, Sendable {
        /// The caller asked for something that cannot be.
        case mistake
        /// Something broke.
        case failure
        /// This signal ended the run.
        case interrupted(Int32)
    }

    /// Whose fault it is.
    package let kind: Kind
    /// One line.
    package let description: String

    /// Makes an error of one line.
    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = String(description.map { $0.isNewline ? " " : $0 })
    }
}
