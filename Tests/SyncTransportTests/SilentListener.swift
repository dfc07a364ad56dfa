import Foundation
import SyncTransport

/// A port where connections are established and nothing ever comes; or, if it does not listen, are
/// refused, while nobody else gets the port by chance.
final class SilentListener: Sendable {
    let address: SyncAddress
    private let descriptor: CInt

    init(isListening: Bool = true) throws {
        #if canImport(Glibc)
            let type = CInt(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, type, 0)
        self.descriptor = descriptor
        // Lets a service listen there nevertheless.
        var isReusable: CInt = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &isReusable, socklen_t(MemoryLayout<CInt>.size))
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0
                    && (!isListening || listen(descriptor, 8) == 0)
                    && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard result else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        address = try SyncAddress(host: "127.0.0.1", port: UInt16(bigEndian: target.sin_port))
    }

    deinit { close(descriptor) }
}
