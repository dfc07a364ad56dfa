import Foundation

/// One of the streams that a process is born with.
struct StandardStream {
    /// What was to be written could not be.
    struct WriteError: Error, CustomStringConvertible {
        /// The reason, one line.
        let description: String
    }

    private let descriptor: Int32

    static let output = StandardStream(descriptor: STDOUT_FILENO)
    static let error = StandardStream(descriptor: STDERR_FILENO)

    /// Whether the reader is a terminal that may be sent styles.
    var isStyled: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(descriptor) == 1 && environment["NO_COLOR"] == nil
            && environment["TERM"] != "dumb"
    }

    /// Writes all of a text, or as much as somebody reads: `sync-inspect … | head` ends quietly.
    func write(_ text: String) throws {
        signal(SIGPIPE, SIG_IGN)
        try Array(text.utf8).withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    if errno == EPIPE { return }
                    throw WriteError(
                        description: "cannot write the report: \(String(cString: strerror(errno)))")
                }
                offset += count
            }
        }
    }
}
