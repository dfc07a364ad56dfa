import Foundation

/// A small file of lines in a folder of this user, outside of any replica.
struct MarkFile: Sendable {
    let path: String

    /// Names a file in a folder, which is made if it is not there.
    ///
    /// - Throws: ``StoreError`` with the code `markNotWritable`, saying which variable moves it.
    init(named name: String, in folder: String, movedBy variable: String) throws {
        let advice = "set \(variable) to a folder that can be written"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError(.markNotWritable, "\(folder): cannot be made; \(advice)")
        }
        // In a folder that others share, someone else's must not be trusted.
        var information = stat()
        guard lstat(folder, &information) == 0, information.st_uid == getuid(),
            information.st_mode & S_IFMT == S_IFDIR
        else {
            throw StoreError(.markNotWritable, "\(folder): is not a folder of this user; \(advice)")
        }
        path = folder + "/" + name
    }

    /// The lines; nothing if there is no such file or it cannot be read, which proves as little.
    func lines() -> [Substring]? {
        FileManager.default.contents(atPath: path).map {
            String(decoding: $0, as: UTF8.self).split(separator: "\n")
        }
    }

    /// Opens the file for writing, and makes it if it is not there.
    func open() throws -> Int32 {
        let descriptor = Foundation.open(
            path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure() }
        return descriptor
    }

    /// Replaces the content.
    ///
    /// It always has the same length and is shorter than a sector, so one write replaces all of it.
    func write(_ lines: [String], to descriptor: Int32) throws {
        try write(Array((lines.joined(separator: "\n") + "\n").utf8), to: descriptor)
    }

    /// Replaces the content by these bytes.
    func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { throw failure() }
    }

    func failure() -> StoreError {
        StoreError(
            .markNotWritable,
            "\(path): the mark cannot be written (\(String(cString: strerror(errno))))")
    }

    /// The 16 hexadecimal digits of a number.
    static func digits(_ value: UInt64) -> String {
        String(decoding: digitBytes(value), as: UTF8.self)
    }

    /// The same as bytes.
    static func digitBytes(_ value: UInt64) -> [UInt8] {
        (0..<16).map { place in
            let digit = UInt8(truncatingIfNeeded: value >> (60 - 4 * UInt64(place))) & 15
            return digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
        }
    }
}
