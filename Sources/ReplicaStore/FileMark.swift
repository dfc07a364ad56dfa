import CausalTime
import Foundation
import Synchronization

/// A continuity mark in the runtime folder of this boot.
///
/// The file's name is a hash of the database's path and file identity, so a copy of a replica has
/// no mark; its content names the boot, so one that outlived a reboot proves nothing.
package final class FileMark: ContinuityMark {
    private let path: String
    private let boot: String
    private let descriptor = Mutex<Int32>(-1)

    /// Makes the mark of the database file at `database`, which must exist.
    ///
    /// - Parameters:
    ///   - database: The path of the database file.
    ///   - environment: Where `CARAVAN_RUNTIME_DIR` and `XDG_RUNTIME_DIR` are looked up; without
    ///     them the mark is in a folder of the user in the system's temporary folder.
    /// - Throws: ``StoreError`` with the code `markNotWritable` if there is no folder for it.
    package init(
        forDatabase database: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        var information = stat()
        guard let resolved = realpath(database, nil), stat(database, &information) == 0 else {
            throw StoreError(.inputOutput, "\(database): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        let folder = try Self.folder(environment)
        let name = "\(String(cString: resolved))|\(information.st_dev)|\(information.st_ino)"
        let hash = StableHash.hash128(Array(name.utf8))
        path = folder + "/" + FleetID(high: hash.0, low: hash.1).description + ".mark"
        boot = try Self.boot()
    }

    deinit {
        descriptor.withLock { if $0 >= 0 { close($0) } }
    }

    package func read() -> MarkContent? {
        // A mark that cannot be read is no proof; that is safe, so the reason does not matter.
        guard let text = FileManager.default.contents(atPath: path) else { return nil }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        guard lines.count == 4, lines[0] == Self.title, lines[1] == boot,
            let nonce = UInt64(lines[2], radix: 16), let written = UInt64(lines[3], radix: 16)
        else { return nil }
        return MarkContent(nonce: nonce, written: written)
    }

    package func write(_ content: MarkContent) throws {
        let text = [Self.title, boot, Self.digits(content.nonce), Self.digits(content.written), ""]
            .joined(separator: "\n")
        try descriptor.withLock { descriptor in
            if descriptor < 0 {
                descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            }
            // Always the same length, so one write replaces all of it.
            guard descriptor >= 0,
                text.utf8CString.withUnsafeBytes({
                    pwrite(descriptor, $0.baseAddress, text.utf8.count, 0)
                }) == text.utf8.count
            else {
                throw StoreError(
                    .markNotWritable,
                    "\(path): the continuity mark cannot be written "
                        + "(\(String(cString: strerror(errno)))); "
                        + "set CARAVAN_RUNTIME_DIR to a folder that can be written")
            }
        }
    }

    private static let title = "caravan continuity mark 1"

    private static func digits(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func folder(_ environment: [String: String]) throws -> String {
        let folder =
            environment["CARAVAN_RUNTIME_DIR"]
            ?? environment["XDG_RUNTIME_DIR"].map { $0 + "/caravan" }
            ?? NSTemporaryDirectory() + "caravan-\(getuid())"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw StoreError(
                .markNotWritable,
                "\(folder): cannot be made; set CARAVAN_RUNTIME_DIR to a folder that can be written"
            )
        }
        // In a folder that others share, someone else's must not be trusted.
        var information = stat()
        guard lstat(folder, &information) == 0, information.st_uid == getuid(),
            information.st_mode & S_IFMT == S_IFDIR
        else {
            throw StoreError(
                .markNotWritable,
                "\(folder): is not a folder of this user; set CARAVAN_RUNTIME_DIR to one")
        }
        return folder
    }

    /// What the kernel calls this boot; where it does not say, nothing is ever proven.
    private static func boot() throws -> String {
        #if os(Linux)
            let path = "/proc/sys/kernel/random/boot_id"
            if let text = FileManager.default.contents(atPath: path) {
                return String(decoding: text, as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
        #endif
        return UUID().uuidString
    }
}
