import Foundation

/// The lock of a replica's folder: one process writes, or several look.
///
/// It is held by an open file and goes with the process, however that ends.
package final class StoreLock: Sendable {
    /// Who may be there at the same time.
    package enum Mode: Sendable {
        /// Nobody else.
        case exclusive
        /// Others that only look.
        case shared
    }

    private let descriptor: Int32

    /// Takes the lock without waiting; throws ``StoreError/Code/inUse`` if that cannot be.
    package init(path: String, mode: Mode) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.inputOutput, "\(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, (mode == .exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 else {
            let reason = errno
            close(descriptor)
            if reason == EWOULDBLOCK {
                throw StoreError(.inUse, "\(path): the replica is in use by another process")
            }
            throw StoreError(.inputOutput, "\(path): \(String(cString: strerror(reason)))")
        }
    }

    deinit { close(descriptor) }
}
