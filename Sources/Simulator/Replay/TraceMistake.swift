/// A mistake in one line, before it is known which line of which file that is.
struct TraceMistake: Error, Equatable {
    /// Where it stands, in bytes from the beginning of the line.
    let offset: Int
    let message: String

    init(at offset: Int, _ message: String) {
        self.offset = offset
        self.message = message
    }
}
