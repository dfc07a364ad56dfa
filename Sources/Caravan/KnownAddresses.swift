import CausalTime
import Foundation
import ReplicaModel
import SyncTransport
import Synchronization

/// Which device was met at which address, also by earlier processes.
///
/// Whoever is called there is greeted with what is remembered of that device, which costs some
/// eight bytes instead of a whole vector. Only a hint: another device at the address costs a round
/// trip more, and a file that cannot be read or written costs what it would have saved.
///
/// The file `addresses` in the folder of the replica: an address and a device in each line, the
/// one that was met last at the end.
final class KnownAddresses: Sendable {
    /// How many are kept; those that were met longest ago go first.
    static let countMax = 64
    private static let bytesMax = 8 << 10

    /// Nothing for a replica in memory.
    private let path: String?
    private let known: Mutex<[(address: String, device: DeviceID)]>

    /// Reads what is known in the folder of a replica, or begins with nothing.
    init(inFolder folder: String) {
        path = folder.isEmpty ? nil : folder + "/addresses"
        known = Mutex(path.map(Self.read) ?? [])
    }

    /// Who was met at an address the last time.
    func device(at address: SyncAddress) -> DeviceID? {
        known.withLock { known in
            known.last { $0.address == address.description }?.device
        }
    }

    /// Notes who was met at an address.
    func note(_ device: DeviceID, at address: SyncAddress) {
        known.withLock { known in
            let name = address.description
            guard known.last.map({ $0.address != name || $0.device != device }) ?? true else {
                return
            }
            known.removeAll { $0.address == name }
            known = (known + [(name, device)]).suffix(Self.countMax)
            guard let path else { return }
            let text = known.map { "\($0.address) \($0.device)\n" }.joined()
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch {
                // The next greeting is longer; a disk that fails is reported by what matters.
                return
            }
        }
    }

    private static func read(_ path: String) -> [(address: String, device: DeviceID)] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
        let content: Data?
        do { content = try file.read(upToCount: bytesMax) } catch { return [] }
        return String(decoding: content ?? Data(), as: UTF8.self).split(separator: "\n")
            .compactMap { line in
                let words = line.split(separator: " ")
                guard words.count == 2, let device = DeviceID(String(words[1])) else { return nil }
                return (String(words[0]), device)
            }
            .suffix(countMax)
    }
}
