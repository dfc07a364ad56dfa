import SyncEngine
import SyncWire
import ZstdStream

/// Bytes as they come, in pieces and at once: both give the same messages and the same error, and
/// the error stays.
enum FrameTarget {
    static func run(_ input: Input) -> CInt {
        var input = input
        let options = input.byte()
        let role: SyncSession.Role = options & 1 == 0 ? .responder : .initiator
        let step = 1 + Int(options >> 1)
        let stream = Array(input.rest)
        let whole = outcome(of: [stream], role)
        var pieces: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: step) {
            pieces.append(Array(stream[start..<min(start + step, stream.count)]))
        }
        let cut = outcome(of: pieces, role)
        require(whole.messages == cut.messages, "messages depend on how the bytes were cut")
        require(whole.error == cut.error, "the error depends on how the bytes were cut")
        return 0
    }

    private static func outcome(
        of pieces: [[UInt8]], _ role: SyncSession.Role
    ) -> (messages: [SyncMessage], error: WireError?) {
        var decoder = Decoder(role: role, decompressor: ZstdDecompressor())
        var shared = BothDirections()
        var messages: [SyncMessage] = []
        var failure: WireError?
        for piece in pieces {
            decoder.feed(piece)
            do throws(WireError) {
                while let message = try decoder.next(shared: &shared) { messages.append(message) }
                require(failure == nil, "an error went away")
            } catch {
                require(error.refusal.code != .failed, "bytes of the peer are not our fault")
                failure = error
            }
        }
        return (messages, failure)
    }
}
