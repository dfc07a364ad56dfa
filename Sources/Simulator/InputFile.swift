import Foundation

/// A file that somebody wrote for the simulator: read as a whole, and no further than its limit.
enum InputFile {
    /// The largest portion that is asked for at once.
    private static let portionBytes = 1 << 16

    /// Reads a file; a pipe is read to its end.
    ///
    /// - Parameters:
    ///   - path: The file, as errors name it too.
    ///   - limit: How large it may be.
    /// - Returns: Its bytes, at most `limit`.
    /// - Throws: `InputError` with the reason, without a place.
    static func bytes(ofFile path: String, atMost limit: Int) throws(InputError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw unreadable(path, errno) }
        // Refused before anything is read; how much a pipe holds shows only while it is read.
        guard Int(information.st_size) <= limit else { throw tooLarge(path, limit) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(information.st_size))
        var portion = [UInt8](repeating: 0, count: portionBytes)
        while true {
            let count = read(descriptor, &portion, portionBytes)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            if count == 0 { return bytes }
            bytes += portion[..<count]
            guard bytes.count <= limit else { throw tooLarge(path, limit) }
        }
    }

    /// That a file is beyond its limit.
    static func tooLarge(_ path: String, _ limit: Int) -> InputError {
        InputError(
            file: path, line: 0, column: 0,
            message: "is larger than \(limit >> 20) MiB, the most that is read")
    }

    private static func unreadable(_ path: String, _ code: Int32) -> InputError {
        let reason =
            switch code {
            case ENOENT: "no such file"
            case EISDIR: "it is a folder"
            default: String(cString: strerror(code)).lowercased()
            }
        return InputError(
            file: path, line: 0, column: 0, message: "cannot be read: \(reason)")
    }
}
