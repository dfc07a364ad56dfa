@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Turns a request to end into a call, once; a second one ends the process at once.
final class Interruption: Sendable {
    private let sources: [any DispatchSourceSignal]

    /// Watches for as long as the value is kept.
    init(_ stop: @escaping @Sendable () -> Void) {
        let received = Received()
        self.received = received
        let queue = DispatchQueue(label: "interruptions")
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            Foundation.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if received.isRepeated(number) { exit(128 + number) }
                stop()
            }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }

    private let received: Received

    /// Which signal came; nothing if none did.
    var signal: Int32? { received.number }

    private final class Received: Sendable {
        private let state = Mutex<Int32?>(nil)

        var number: Int32? { state.withLock { $0 } }

        func isRepeated(_ number: Int32) -> Bool {
            state.withLock { state in
                defer { state = number }
                return state != nil
            }
        }
    }
}
