/// A mistake in a file that somebody wrote, a scenario or a trace, with the place where it stands.
public struct InputError: Error, Equatable, Sendable {
    /// The file as it was named by the caller.
    public let file: String
    /// The line, from 1; 0 where the mistake has no place, as when the file cannot be read.
    public let line: Int
    /// The column in Unicode scalars, from 1; 0 where the mistake has no place.
    public let column: Int
    /// What is wrong and what to do about it, one line.
    public let message: String

    package init(file: String, line: Int, column: Int, message: String) {
        self.file = file
        self.line = line
        self.column = column
        // A quoted piece of the file may hold anything; the report stays one line.
        self.message = String(message.map { $0.isNewline ? " " : $0 })
    }
}

extension InputError: CustomStringConvertible {
    /// One line: `FILE:LINE:COLUMN: message`.
    public var description: String {
        line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
    }
}
