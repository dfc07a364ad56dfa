import CausalTime
import Foundation
import Synchronization

/// A continuity mark in the runtime folder of this boot.
///
/// The file's name is a hash of the database's path and file identity, so a copy of a replica has
/// no mark; its content names the boot, so one that outlived a reboot proves nothing.
package final class FileMark: ContinuityMark {
    private let file: MarkFile
    private let boot: String
    private let head: [UInt8]
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
        let name = "\(String(cString: resolved))|\(information.st_dev)|\(information.st_ino)"
        let hash = StableHash.hash128(Array(name.utf8))
        file = try MarkFile(
            named: FleetID(high: hash.0, low: hash.1).description + ".mark",
            in: environment["CARAVAN_RUNTIME_DIR"]
                ?? environment["XDG_RUNTIME_DIR"].map { $0 + "/caravan" }
                ?? NSTemporaryDirectory() + "caravan-\(getuid())",
            movedBy: "CARAVAN_RUNTIME_DIR")
        boot = try Self.boot()
        head = Array("\(Self.title)\n\(boot)\n".utf8)
    }

    deinit {
        descriptor.withLock { if $0 >= 0 { close($0) } }
    }

    package func read() -> MarkContent? {
        guard let lines = file.lines(), lines.count == 4, lines[0] == Self.title, lines[1] == boot,
            let nonce = UInt64(lines[2], radix: 16), let written = UInt64(lines[3], radix: 16)
        else { return nil }
        return MarkContent(nonce: nonce, written: written)
    }

    package func write(_ content: MarkContent) throws {
        try descriptor.withLock { descriptor in
            if descriptor < 0 { descriptor = try file.open() }
            // With every transaction: no text is made anew that stays the same.
            let newline = [UInt8(ascii: "\n")]
            try file.write(
                head + MarkFile.digitBytes(content.nonce) + newline
                    + MarkFile.digitBytes(content.written) + newline, to: descriptor)
        }
    }

    private static let title = "caravan continuity mark 1"

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
