package import CausalTime
import Foundation
import ReplicaModel

/// A device mark in a folder of this user's state on this machine.
///
/// The file's name is a hash of the device and the machine. A backup of the replica's folder does
/// not hold it; one of the whole user may, and brings back another machine's for nothing. An image
/// of the whole machine escapes every mark.
package final class FileDeviceMark: DeviceMark {
    private let file: MarkFile

    /// Names the mark of a device on this machine.
    ///
    /// - Parameters:
    ///   - device: The device.
    ///   - environment: Where `CARAVAN_STATE_DIR`, `XDG_STATE_HOME` and `HOME` are looked up;
    ///     without any of them the mark is in the system's temporary folder.
    ///   - machine: What names the machine.
    /// - Throws: ``StoreError`` with the code `markNotWritable` if there is no folder for it.
    package init(
        of device: DeviceID, environment: [String: String] = ProcessInfo.processInfo.environment,
        machine: String = FileDeviceMark.machine
    ) throws {
        let hash = StableHash.hash128(device.bytes + Array(machine.utf8))
        file = try MarkFile(
            named: DeviceID(high: hash.0, low: hash.1).description + ".device",
            in: environment["CARAVAN_STATE_DIR"]
                ?? environment["XDG_STATE_HOME"].map { $0 + "/caravan" }
                ?? environment["HOME"].map { $0 + "/.local/state/caravan" }
                ?? NSTemporaryDirectory() + "caravan-state-\(getuid())",
            movedBy: "CARAVAN_STATE_DIR")
    }

    /// What the system calls this machine; where it does not say, no mark is found again.
    package static let machine: String = {
        for path in ["/etc/machine-id", "/var/lib/dbus/machine-id"] {
            guard let text = FileManager.default.contents(atPath: path), !text.isEmpty else {
                continue
            }
            return String(decoding: text, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return UUID().uuidString
    }()

    package func read() -> SpendingRecord? {
        guard let lines = file.lines(), lines.count == 2 + Lane.all.count, lines[0] == Self.title,
            let place = UInt64(lines[1], radix: 16)
        else { return nil }
        var record = SpendingRecord(place: place)
        for (lane, line) in zip(Lane.all, lines.dropFirst(2)) {
            let fields = line.split(separator: " ")
            guard fields.count == 4, let done = Self.dot(fields[0...1]),
                let begun = Self.dot(fields[2...3])
            else { return nil }
            if done.sequence > 0 { record.done[lane] = done }
            if begun.sequence > 0 { record.begun[lane] = begun }
        }
        return record
    }

    package func lock() throws -> any LockedDeviceMark { try Locked(file) }

    private static let title = "caravan device mark 1"
    private static let nothing = Dot(writer: WriterID(high: 0, low: 0), sequence: 0)

    private static func dot(_ fields: ArraySlice<Substring>) -> Dot? {
        guard let writer = WriterID(String(fields[fields.startIndex])),
            let sequence = UInt64(fields[fields.startIndex + 1], radix: 16)
        else { return nil }
        return Dot(writer: writer, sequence: sequence)
    }

    /// The file, open and locked; the lock goes with the process, however that ends.
    private final class Locked: LockedDeviceMark {
        private let file: MarkFile
        private let descriptor: Int32

        init(_ file: MarkFile) throws {
            self.file = file
            descriptor = try file.open()
            // Whoever holds it is within one transaction.
            while flock(descriptor, LOCK_EX) != 0 {
                guard errno == EINTR else {
                    let failure = file.failure()
                    close(descriptor)
                    throw failure
                }
            }
        }

        deinit { close(descriptor) }

        func write(_ record: SpendingRecord) throws {
            let lanes = Lane.all.map { lane in
                [record.done[lane] ?? nothing, record.begun[lane] ?? nothing].map {
                    "\($0.writer) \(MarkFile.digits($0.sequence))"
                }.joined(separator: " ")
            }
            try file.write([title, MarkFile.digits(record.place)] + lanes, to: descriptor)
            guard fsync(descriptor) == 0 else { throw file.failure() }
        }
    }
}
