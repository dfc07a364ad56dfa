import SyncEngine
import SyncWire
import ZstdStream

/// Compressed bodies, one after another in one stream: what comes out keeps to the limit, and what
/// cannot be inflated is the peer's fault.
enum DictionaryTarget {
    static func run(_ input: Input) -> CInt {
        var input = input
        let stream = ZstdDecompressor()
        while !input.isEmpty {
            let options = input.byte()
            if options & 1 != 0 { stream.restart() }
            let limit = 1 << Int(options >> 1 & 15)
            do throws(WireError) {
                let body = try stream.decompress(input.piece(), atMost: limit)
                require(body.count <= limit, "more than the limit came out")
            } catch {
                require(error.refusal.code != .failed, "bytes of the peer are not our fault")
                return 0
            }
        }
        return 0
    }
}
