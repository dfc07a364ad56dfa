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

    /// Takes the lock, after a tenth of a second at the latest.
    ///
    /// - Throws: ``StoreError`` with ``StoreError/Code/inUse`` if that cannot be.
    package init(path: String, mode: Mode) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.inputOutput, "\(path): \(String(cString: strerror(errno)))")
        }
        let operation = (mode == .exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB
        // A process that this one is just starting has inherited the files that are open here, and
        // their locks with them, until it is executed: a moment later it lets go.
        var triesLeft = 20
        while flock(descriptor, operation) != 0 {
            let reason = errno
            triesLeft -= 1
            if reason == EWOULDBLOCK, triesLeft > 0 {
                usleep(5000)
                continue
            }
            close(descriptor)
            if reason == EWOULDBLOCK {
                throw StoreError(.inUse, "\(path): the replica is in use by another process")
            }
            throw StoreError(.inputOutput, "\(path): \(String(cString: strerror(reason)))")
        }
    }

    deinit { close(descriptor) }
}
