/// A body of which the part that resembles text may have been compressed.
struct BodyParts {
    /// What stands as it is.
    var plain: BodyReader
    /// What was compressed; nothing if all of it stands as it is, one behind the other.
    var text: BodyReader?

    /// Reads text.
    mutating func readText<Result>(
        _ body: (inout BodyReader) throws(BodyFault) -> Result
    ) throws(BodyFault) -> Result {
        guard var text else { return try body(&plain) }
        let result = try body(&text)
        self.text = text
        return result
    }

    /// Checks that nothing is left.
    func end() throws(BodyFault) {
        try plain.end()
        try text?.end()
    }
}
