import Foundation

/// What the process prints; a reader that has gone away is no reason to fail.
enum Output {
    /// Writes a line to standard output.
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: CInt) {
        // Not through `print`, which keeps what it prints while the output is a pipe.
        var rest = Array((text + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
