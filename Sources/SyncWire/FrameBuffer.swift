import ReplicaModel
import SyncEngine

/// Cuts the bytes of one direction into frames.
struct FrameBuffer: Sendable {
    private var bytes: [UInt8] = []
    /// Where in `bytes` the next frame begins.
    private var start = 0
    /// Where in the whole stream `bytes` begins.
    private var base = 0

    /// Where in the whole stream the next frame begins.
    var offset: Int { base + start }

    mutating func feed(_ more: [UInt8]) {
        if start > 0 {
            bytes.removeSubrange(..<start)
            base += start
            start = 0
        }
        bytes += more
    }

    /// The next frame; nothing if more bytes are needed.
    ///
    /// The length is checked before anything is waited for, and nothing is allocated for it.
    mutating func next(atMost limit: Int) throws(BodyFault) -> RawFrame? {
        guard let (length, head) = try length(atMost: limit) else { return nil }
        guard length > 0 else { throw BodyFault(.malformed, "a frame without a head") }
        guard length <= bytes.count - head else { return nil }
        let end = head + length
        defer { start = end }
        return RawFrame(bytes: Array(bytes[start..<end]), headIndex: head - start)
    }

    /// The length of the next frame, and where its head stands; nothing if bytes are missing.
    private func length(atMost limit: Int) throws(BodyFault) -> (Int, Int)? {
        var length = 0
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            let shift = 7 * (index - start)
            if byte == 0, shift > 0 {
                throw BodyFault(.malformed, "a length that is not in its shortest form")
            }
            // The limit is far below 2⁵⁶, so the shift stays small.
            length |= Int(byte & 0x7f) << shift
            guard length <= limit, shift < 49 else {
                throw BodyFault(.tooLarge, "a frame of more than \(limit) bytes")
            }
            index += 1
            if byte < 0x80 { return (length, index) }
        }
        return nil
    }

    // MARK: The first frame

    /// Refuses a stream whose first bytes cannot be a preamble or a refusal.
    ///
    /// Somebody who dialled the wrong port learns what answered.
    func checkOpening(atMost limit: Int) throws(BodyFault) {
        let header: (length: Int, head: Int)?
        do { header = try length(atMost: limit) } catch { throw stranger }
        guard let (length, head) = header else { return }
        guard length > 0 else { throw stranger }
        guard head < bytes.count else { return }
        if bytes[head] == MessageType.refusal.rawValue { return }
        let body = bytes[(head + 1)...].prefix(length - 1)
        guard bytes[head] == MessageType.preamble.rawValue,
            zip(body, Preamble.magic).allSatisfy({ $0 == $1 })
        else { throw stranger }
    }

    private var stranger: BodyFault {
        let shown = 16
        let text = bytes.prefix(shown).map(\.escaped).joined()
        let more = bytes.count > shown ? "…" : ""
        return BodyFault(.malformed, "not a Caravan peer: it sent \"\(text)\(more)\"")
    }
}

extension UInt8 {
    /// The ASCII character if it can be printed, else an escape.
    fileprivate var escaped: String {
        switch self {
        case 0x0a: "\\n"
        case 0x0d: "\\r"
        case 0x22, 0x5c: "\\" + String(UnicodeScalar(self))
        case 0x20..<0x7f: String(UnicodeScalar(self))
        default: "\\x" + (self < 16 ? "0" : "") + String(self, radix: 16)
        }
    }
}
