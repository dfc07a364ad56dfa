/// Inflates the bodies of one direction of one connection, one after another.
package protocol StreamDecompressor: Sendable {
    /// Inflates one body.
    ///
    /// - Parameters:
    ///   - bytes: What the peer's compressor made of the body.
    ///   - limit: How many bytes may come out. It is checked while inflating: no more than that is
    ///     kept at any time, whatever size the input claims.
    /// - Returns: The body.
    /// - Throws: `tooLarge` if more would come out, `malformed` if the bytes cannot be inflated.
    mutating func decompress(
        _ bytes: [UInt8], atMost limit: Int
    ) throws(WireError) -> [UInt8]

    /// Forgets all that went before.
    mutating func restart()
}
