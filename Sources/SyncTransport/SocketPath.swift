import Foundation

/// A path of a Unix-domain socket, short enough for a socket's address.
///
/// Systems allow about a hundred bytes. On Linux a longer path goes through an open descriptor of
/// its folder, so that a replica may lie as deep as it likes; keep the value until the socket has
/// been bound or connected.
final class SocketPath: Sendable {
    /// The longest path that every system takes, in bytes.
    private static let bytesMax = 100

    /// What to hand to the system.
    let short: String
    private let folder: CInt

    init(_ path: String) throws(SyncError) {
        guard path.utf8.count > Self.bytesMax else {
            short = path
            folder = -1
            return
        }
        #if os(Linux)
            let url = URL(fileURLWithPath: path)
            folder = open(
                url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard folder >= 0 else { throw SyncError.ofSystem(path) }
            short = "/proc/self/fd/\(folder)/\(url.lastPathComponent)"
        #else
            throw SyncError(
                .system,
                "\(path): too long for a socket; use a folder with a path of fewer bytes")
        #endif
    }

    deinit { if folder >= 0 { close(folder) } }

    /// A bound socket at this path, which only its owner may connect to; the caller listens on it
    /// and closes it.
    func bind() throws(SyncError) -> CInt {
        let descriptor = socket(AF_UNIX, Self.streamType, 0)
        guard descriptor >= 0 else { throw SyncError.ofSystem(short) }
        do throws(SyncError) {
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
                throw SyncError.ofSystem(short)
            }
            #if os(Linux)
                // Before binding: the file then never has other permissions. The system's mask can
                // only take from these.
                guard fchmod(descriptor, 0o600) == 0 else { throw SyncError.ofSystem(short) }
            #endif
            guard bind(descriptor) == 0, chmod(short, 0o600) == 0 else {
                throw SyncError.ofSystem(short)
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private func bind(_ descriptor: CInt) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: short.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static var streamType: CInt {
        #if canImport(Glibc)
            CInt(SOCK_STREAM.rawValue)
        #else
            SOCK_STREAM
        #endif
    }
}

extension SyncError {
    /// What the system's last error means at a path.
    static func ofSystem(_ path: String) -> SyncError {
        SyncError(.system, "\(path): \(String(cString: strerror(errno)))")
    }
}
