import Foundation
import NIOCore
import NIOPosix

/// Options of every connection.
///
/// Small messages leave at once. A peer that vanished without a word is noticed within half a
/// minute, not after the two hours that systems take by themselves.
private let connectionOptions: [(option: ChannelOptions.Types.SocketOption, value: Int)] = {
    var options: [(ChannelOptions.Types.SocketOption, Int)] = [
        (.tcpOption(.tcp_nodelay), 1), (.socketOption(.so_keepalive), 1),
    ]
    #if os(Linux)
        options += [
            (.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE)), 15),
            (.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL)), 5),
            (.tcpOption(NIOBSDSocket.Option(rawValue: TCP_KEEPCNT)), 3),
        ]
    #endif
    return options
}()

extension ServerBootstrap {
    func connectionOptions() -> ServerBootstrap {
        SyncTransport.connectionOptions.reduce(self) {
            $0.childChannelOption($1.option, value: $1.value)
        }
    }
}

extension ClientBootstrap {
    func connectionOptions() -> ClientBootstrap {
        SyncTransport.connectionOptions.reduce(self) {
            $0.channelOption($1.option, value: $1.value)
        }
    }
}

/// The system's reason alone where there is one, without the name of the call that failed.
func describe(_ error: any Error) -> String {
    guard let error = error as? IOError else { return "\(error)" }
    return String(cString: strerror(error.errnoCode))
}
