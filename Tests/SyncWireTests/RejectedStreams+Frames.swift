import CausalTime
import ReplicaModel
import SyncEngine
import ZstdStream

extension RejectedStreams {
    private static let damaged = "bytes were lost or changed"

    static func checks() throws -> [RejectedVector] {
        let opened = try RejectedScript([])
        let greeted = try RejectedScript()
        var once = greeted
        once.pass([4, 1])
        let (first, second) = (greeted.sealed([4, 1]), once.sealed([4, 2]))
        let hello = greeted.frames[1]
        func damage(
            _ name: String, _ script: RejectedScript, _ bytes: [UInt8], _ description: String
        ) -> RejectedVector {
            script.reject(
                "check-\(name)", "R76", bytes: bytes, code: .damaged, damaged, description)
        }
        return [
            damage(
                "wrong", greeted, first.dropLast() + [first[6] ^ 1],
                "An acknowledgement whose check is one bit off."),
            damage(
                "bit-flipped", greeted, [first[0], first[1], 3] + first.dropFirst(3),
                "An acknowledgement that changed on the way."),
            damage("frame-lost", greeted, second, "An acknowledgement before this one is missing."),
            damage("frame-repeated", once, first, "The same acknowledgement again."),
            damage(
                "frames-swapped", greeted, second + first,
                "Two acknowledgements in another order."),
            damage(
                "frame-cut", opened, hello.dropLast(5) + first,
                "A hello of which five bytes are missing, and what follows it."),
            damage(
                "before-head", greeted, [6, 0, 0, 0, 0, 0, 0],
                "A type that there is not, but the check is compared before that."),
            damage(
                "before-inflating", greeted,
                [11, 0x9b, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0, 0, 0, 0],
                "Bytes that zstd has not made, but the check is compared before that."),
            greeted.reject(
                "check-not-there", "R10", bytes: [2, 4, 1], "a frame without a check",
                "An acknowledgement without a check."),
            greeted.reject(
                "check-too-short", "R10", bytes: [4, 4, 1, 0, 0], "a frame without a check",
                "A length with no room for head and check."),
        ] + (try answers(greeted))
    }

    /// What answers a greeting depends on it, and what does not, does not.
    private static func answers(_ greeted: RejectedScript) throws -> [RejectedVector] {
        let state = ReplicaSummary(
            vectors: RejectedScript.vectors(5), digest: Digest(value: 1), clock: .zero)
        let announced = try RejectedScript(
            [
                .hello(
                    Hello(
                        vectors: RejectedScript.vectors(6), frontier: LaneVectors(),
                        reference: .state(state), following: [.settings]))
            ], knowing: [.state(state)])
        let said: [SyncMessage] = [
            .preamble(Preamble(fleet: WorkedExchange.fleet, device: WorkedExchange.laptop)),
            .hello(
                Hello(vectors: LaneVectors(), frontier: LaneVectors(), reference: .greeting)),
        ]
        return [
            greeted.reject(
                "check-other-greeting", "R77", bytes: greeted.sealed([0x1b, 0x01, 0, 0]),
                code: .damaged, damaged, "A segment that was not sent in answer to our hello.",
                sent: said),
            announced.reject(
                "check-announced-as-answer", "R77",
                bytes: announced.sealed([0x1b, 0x01, 0, 0], greeting: 1), code: .damaged, damaged,
                "A segment that was announced answers no greeting, whatever has been sent."),
            greeted.reject(
                "check-heartbeat-of-another-greeting", "R77", bytes: greeted.sealed([6]),
                code: .damaged, damaged, "A sign of life that does not answer our hello.",
                sent: said),
        ]
    }

    // MARK: Heads

    /// Compressed bodies of chunks.
    static func compressed() throws -> [RejectedVector] {
        let greeted = try RejectedScript()
        let register: [UInt8] = [0x15, 3, 4, 0, 0x0b, 1, 0x21, 1, 0x61]
        let plain = [UInt8(register.count)] + register
        let bomb = try ZstdCompressor().compress([UInt8](repeating: 0, count: 1 << 20))
        let block = [UInt8](repeating: 0, count: 22)
        let withText =
            [0x05, 3, 4, 0, 1]
            + HostileCode.counted {
                $0.register()
                $0.text(1)
            }
        return [
            greeted.reject(
                "zstd-bomb", "R19", [0x9b] + plain + bomb, code: .tooLarge,
                "inflate to more than 16384", "A megabyte of zeros."),
            greeted.reject(
                "zstd-ended", "R18", [0x9b] + plain + [0, 0, 0xb1, 0, 0] + block, "stream ended",
                "A block of zstd that says it is the last."),
            greeted.reject(
                "zstd-window", "R18", [0x9b] + plain + [0, 0x60, 0xb0, 0, 0] + block, "zstd",
                "A stream that asks for a window of 2²² bytes."),
            greeted.reject(
                "zstd-with-magic", "R18",
                [0x9b] + plain + [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0xb0, 0, 0] + block, "zstd",
                "A stream that begins with the magic of zstd, which is left out."),
            greeted.reject(
                "zstd-garbage", "R18", [0x9b] + plain + [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77],
                "zstd", "Bytes that zstd has not made."),
            greeted.reject(
                "zstd-text-missing", "R12",
                [0x9b, UInt8(withText.count)] + withText, "expected 1 bytes",
                "A compressed chunk without any compressed bytes."),
            greeted.reject(
                "zstd-text-trailing", "R12",
                [0x9b, 4, 0x01, 0, 0, 0, 0, 0, 0xb0, 0, 0] + block, "expected the end",
                "Text of a chunk that has none."),
            greeted.reject(
                "zstd-plain-too-long", "R44", [0x9b, 9, 0x01, 0], code: .tooLarge,
                "bytes before the compressed",
                "Nine bytes before the compressed ones, of which two are there."),
            greeted.reject(
                "frame-compressed-hello", "R15", [0x82, 0], "compressed hello",
                "A hello is never compressed."),
            greeted.reject(
                "frame-compressed-heartbeat", "R15", [0x86, 0], "compressed heartbeat",
                "A heartbeat is never compressed."),
            greeted.reject(
                "heartbeat-reserved-bit", "R11", [0x16], "reserved bit",
                "A heartbeat with a bit that has no meaning."),
            greeted.reject(
                "heartbeat-trailing", "R12", [6, 0], "expected the end",
                "A byte after a heartbeat."),
        ]
    }
}
