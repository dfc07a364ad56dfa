import CZstd
package import SyncWire

/// The other end of a ``ZstdCompressor``, for input that nobody vouches for.
///
/// A class, because it owns memory of C; used by one connection from one place at a time, which is
/// what makes the unchecked sendability sound.
package final class ZstdDecompressor: StreamDecompressor, @unchecked Sendable {
    /// A stream that asks for a window of more than 2 to this power is refused.
    package static let windowLogMax: Int32 = 20
    /// How much comes out of zstd at once: what a hostile body can make us keep beyond its limit.
    private static let stepBytes = 16 << 10

    private var context: OpaquePointer?
    private let dictionary: [UInt8]

    /// Makes a fresh stream.
    ///
    /// - Parameter dictionary: What both ends know; empty for nothing.
    package init(dictionary: [UInt8] = SharedDictionary.version1) {
        self.dictionary = dictionary
    }

    deinit { ZSTD_freeDCtx(context) }

    package func decompress(
        _ bytes: [UInt8], atMost limit: Int
    ) throws(WireError) -> [UInt8] {
        let context = try opened()
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.stepBytes)
        var taken = 0
        var isFull = false
        while taken < bytes.count || isFull {
            let step = Self.step(context, bytes, from: taken, into: &buffer)
            guard ZSTD_isError(step.result) == 0 else {
                throw WireError.cannotInflate(
                    "zstd: \(String(cString: ZSTD_getErrorName(step.result)))")
            }
            guard step.result > 0 else {
                throw WireError.cannotInflate(
                    "zstd: the stream ended, where it may only be flushed")
            }
            guard step.given <= limit - out.count else {
                throw WireError.inflatesTooFar(
                    "\(bytes.count) bytes inflate to more than \(limit)")
            }
            out += buffer[..<step.given]
            taken = step.taken
            isFull = step.given == buffer.count
        }
        return out
    }

    package func restart() {
        ZSTD_freeDCtx(context)
        context = nil
    }

    private func opened() throws(WireError) -> OpaquePointer {
        if let context { return context }
        guard let made = ZSTD_createDCtx() else {
            throw WireError.streamFailed("no memory for a zstd stream")
        }
        context = made
        let settings = [
            (ZSTD_d_windowLogMax, Self.windowLogMax),
            (ZstdFormat.ofDecompression, ZstdFormat.withoutMagic),
        ]
        for (parameter, value) in settings {
            let result = ZSTD_DCtx_setParameter(made, parameter, value)
            guard ZSTD_isError(result) == 0 else {
                throw WireError.streamFailed("zstd: \(String(cString: ZSTD_getErrorName(result)))")
            }
        }
        let result = ZSTD_DCtx_loadDictionary(made, dictionary, dictionary.count)
        guard ZSTD_isError(result) == 0 else {
            throw WireError.streamFailed("zstd: \(String(cString: ZSTD_getErrorName(result)))")
        }
        return made
    }

    private static func step(
        _ context: OpaquePointer, _ bytes: [UInt8], from start: Int, into buffer: inout [UInt8]
    ) -> (result: Int, taken: Int, given: Int) {
        bytes.withUnsafeBytes { source in
            buffer.withUnsafeMutableBytes { target in
                var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: start)
                var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                let result = ZSTD_decompressStream(context, &output, &input)
                return (result, input.pos, output.pos)
            }
        }
    }
}
