import ZstdStream

/// How a trace is replayed.
package struct ReplayOptions: Sendable {
    /// The folder for the replicas' files, made if it is missing; in memory without one.
    package var folder: String?
    /// Whether connections compress with the dictionary that the library ships.
    package var usesDictionary = true

    /// How long bytes are under way on a link.
    ///
    /// By default longer than changes are gathered, so that waiting shows as part of a round trip.
    package var latency: Duration = .milliseconds(100)

    /// In memory, as the library does by itself.
    package init() {}

    // A connection's streams are made here and nowhere else.
    func compressor() -> ZstdCompressor {
        ZstdCompressor(dictionary: usesDictionary ? SharedDictionary.version1 : [])
    }
    func decompressor() -> ZstdDecompressor {
        ZstdDecompressor(dictionary: usesDictionary ? SharedDictionary.version1 : [])
    }
}
