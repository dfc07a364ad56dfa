import Foundation
import NIOCore

/// Where a device listens: a loopback host and a port.
///
/// Connections are not authenticated yet, so whoever can reach a port could join in. Until they
/// are, no address beyond this machine can even be named: 127.0.0.0/8, `::1` and `localhost` are
/// accepted, everything else is refused with ``SyncError/Code/notLoopback``.
public struct SyncAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 or IPv6 address, as digits.
    public let host: String
    /// The port; to listen on port 0 means to take any that is free.
    public let port: UInt16

    /// Reads `HOST:PORT`; an IPv6 address stands in brackets.
    ///
    /// - Throws: ``SyncError/Code/invalidAddress`` or ``SyncError/Code/notLoopback``.
    public init(parsing text: some StringProtocol) throws(SyncError) {
        let text = String(text)
        guard let colon = text.lastIndex(of: ":") else {
            throw SyncError(
                .invalidAddress, "'\(text)' is not HOST:PORT such as 127.0.0.1:7420")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw SyncError(
                .invalidAddress, "'\(text)': write an IPv6 address in brackets, as in [::1]:7420")
        }
        guard let port = Self.port(text[text.index(after: colon)...]) else {
            throw SyncError(
                .invalidAddress, "'\(text)': the port is not a number from 0 to 65535")
        }
        try self.init(host: host, port: port)
    }

    /// Names a port of a loopback host.
    ///
    /// - Throws: ``SyncError/Code/invalidAddress`` or ``SyncError/Code/notLoopback``.
    public init(host: String, port: UInt16) throws(SyncError) {
        guard !host.isEmpty else {
            throw SyncError(
                .invalidAddress, "':\(port)' names no host; 127.0.0.1:\(port) would be this machine"
            )
        }
        let digits = host == "localhost" ? "127.0.0.1" : host
        guard Self.isLoopback(digits) else {
            throw SyncError(
                .notLoopback,
                "\(host): connections are not authenticated yet, so only addresses of this machine "
                    + "are allowed (127.0.0.0/8, ::1, localhost)")
        }
        self.host = digits
        self.port = port
    }

    /// The text that ``init(parsing:)`` reads.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func port(_ digits: Substring) -> UInt16? {
        // `UInt16` would also take a sign.
        digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt16(digits) : nil
    }

    /// No name but `localhost` is looked up: where a name leads can change after it was checked.
    private static func isLoopback(_ host: String) -> Bool {
        if let address = bytes(of: host, AF_INET, count: 4) { return address[0] == 127 }
        return bytes(of: host, AF_INET6, count: 16) == Array(repeating: 0, count: 15) + [1]
    }

    private static func bytes(of host: String, _ family: CInt, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, host, &bytes) == 1 ? bytes : nil
    }

    /// The address as NIO has it.
    func resolved() throws(SyncError) -> SocketAddress {
        do {
            return try SocketAddress(ipAddress: host, port: Int(port))
        } catch {
            throw SyncError(.invalidAddress, "\(self) is not an address (\(error))")
        }
    }
}
