import Caravan
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs a node on standard input and output, until the input ends.
package enum NodeShell {
    private static let readBytes = 1 << 16

    /// Runs it.
    ///
    /// One thread waits for input or for the next deadline, whichever comes first.
    package static func run(_ node: MaelstromNode) async throws {
        var rest: [UInt8] = []
        while true {
            let lines: [String]
            switch try await input(before: node.deadline, &rest) {
            case .lines(let read): lines = read
            case .nothing:
                try write(await node.proceed(at: .now))
                continue
            case .end:
                try await node.close()
                return
            }
            try write(await node.take(lines, at: .now))
        }
    }

    private enum Input {
        case lines([String])
        case nothing
        case end
    }

    private static func input(
        before deadline: MonotonicTime?, _ rest: inout [UInt8]
    ) async throws -> Input {
        var milliseconds: Int32 = -1
        if let deadline {
            let left = deadline.sinceStart - MonotonicTime.now.sinceStart
            // Rounded up: waking up too early would be waiting with a busy processor.
            milliseconds = Int32(
                clamping: max(
                    0,
                    left.components.seconds * 1000
                        + left.components.attoseconds / 1_000_000_000_000_000 + 1))
            if left < .zero { milliseconds = 0 }
        }
        var waited = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        let ready = poll(&waited, 1, milliseconds)
        guard ready > 0 else {
            guard ready == 0 || errno == EINTR else { throw POSIXError(.EIO) }
            return .nothing
        }
        var bytes = [UInt8](repeating: 0, count: readBytes)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else {
            if count < 0, errno == EINTR { return .nothing }
            return .end
        }
        rest += bytes[..<count]
        guard let last = rest.lastIndex(of: UInt8(ascii: "\n")) else { return .nothing }
        let lines = rest[..<last].split(separator: UInt8(ascii: "\n"))
        rest.removeSubrange(...last)
        return .lines(lines.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Each line is written whole.
    private static func write(_ lines: [String]) throws {
        guard !lines.isEmpty else { return }
        let text = lines.joined(separator: "\n") + "\n"
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
