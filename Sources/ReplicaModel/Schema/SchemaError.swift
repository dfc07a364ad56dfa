/// Why a schema, or a change of what it describes, was refused.
///
/// Nothing has changed.
public struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public enum Code: String, Hashable, Sendable {
        /// The row was never created, or is deleted.
        case noSuchRow
        /// A key, an element or a value is longer than a cell can hold.
        case tooLong
        /// A number has reached its end.
        case exhausted
        /// Something that is written once was written already.
        case alreadyStated
        /// Only the row's device may write this.
        case notOwner
        /// Only who holds the right, and knows of no dispute, may do this.
        case notHolder
        /// Only whom the right was offered to may do this.
        case notOffered
        /// Another authority has overridden under a higher term.
        case outranked
        /// A lost value cannot be written again: nothing here knows its field, or the field is no
        /// place for what someone else has said.
        case notRestorable
        /// The schema contradicts itself or a former one.
        case invalidSchema
    }

    /// What is wrong.
    public let code: Code
    /// What and where, and what to do, in one line.
    public let description: String

    /// Makes an error.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
