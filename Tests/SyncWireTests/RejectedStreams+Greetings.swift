import CausalTime
import ReplicaModel
import SyncEngine

extension RejectedStreams {
    /// A hello of flags and what follows them.
    private static func hello(_ flags: UInt8, _ rest: [UInt8]...) -> [UInt8] {
        [2, flags] + rest.joined()
    }

    /// A hello that differs from nothing, its clock 0.
    private static func changes(
        lanes: UInt64 = 2, following: UInt64 = 0, new: UInt64 = 1, names: [UInt8]? = nil,
        _ body: (inout HostileCode) -> Void = { _ in }
    ) -> [UInt8] {
        HostileCode.counted {
            $0.number("lanes", lanes)
            $0.number("lanes", following)
            $0.number("count", new)
            body(&$0)
        } + (names ?? name(0xaa))
    }

    private static func name(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 16) }

    /// The only change of a lane.
    private static func change(_ code: inout HostileCode, _ gap: UInt64, _ difference: UInt64) {
        code.number("count", 1)
        code.number("gap", gap)
        code.number("difference", difference)
    }

    static func greetings() throws -> [RejectedVector] {
        let fresh = try RejectedScript([])
        return try clocks(fresh) + references(fresh) + lanes(fresh) + entries(fresh) + [
            fresh.reject(
                "hello-empty", "R12", [2], "expected a byte", "A hello without flags."),
            fresh.reject(
                "hello-truncated-digest", "R12", hello(0x10, [0], [0, 0, 0, 0]),
                "expected eight bytes", "The body ends within the digest."),
            fresh.reject(
                "hello-trailing", "R12", hello(0, [0], [0]), "expected the end",
                "A byte after the hello."),
            fresh.reject(
                "hello-frontier-below-nothing", "R64",
                hello(0x0c, [0], changes { change(&$0, 0, 10) }, [6]),
                "a frontier below nothing", "A frontier six behind an entry of five."),
            fresh.reject(
                "hello-frontier-truncated", "R12",
                hello(0x0c, [0], changes { change(&$0, 0, 10) }), "expected more of a varint",
                "A frontier that is not there."),
        ]
    }

    private static func clocks(_ fresh: RejectedScript) -> [RejectedVector] {
        [
            fresh.reject(
                "hello-epoch-too-great", "R30", hello(0, [1], varint(1 << 32), [0]),
                "epoch above 4294967295", "An epoch of 33 bits."),
            fresh.reject(
                "hello-clock-counter", "R30", hello(0, [1, 0], varint(1 << 16)),
                "counter above 65535", "A counter of 17 bits."),
            fresh.reject(
                "hello-clock-beyond-48-bits", "R30", hello(0, varint(1 << 49)), "48 bits",
                "A clock of 49 bits of milliseconds."),
            fresh.reject(
                "hello-varint-not-shortest", "R9", hello(0, [0x80, 0]), "shortest form",
                "A clock of 0 in two bytes."),
            fresh.reject(
                "hello-varint-too-long", "R9", hello(0, [UInt8](repeating: 0xff, count: 9), [2]),
                "64 bits", "A clock of 65 bits."),
        ]
    }

    private static func references(_ fresh: RejectedScript) throws -> [RejectedVector] {
        let state = Hello.Reference.state(
            ReplicaSummary(
                vectors: RejectedScript.vectors(5), digest: Digest(value: 1), clock: .zero))
        let greeted = try RejectedScript(knowing: [state])
        guard case .state(let summary) = state else { return [] }
        let name = (0..<8).map { UInt8(truncatingIfNeeded: summary.name.rawValue >> (56 - 8 * $0)) }
        return [
            fresh.reject(
                "hello-answer-to-nothing", "R87", hello(3), code: .outOfOrder,
                "an answer to a greeting that was not there",
                "Described against a greeting that nobody has sent."),
            greeted.reject(
                "hello-state-after-greeting", "R87", hello(1, name), code: .outOfOrder,
                "a state named after a greeting",
                "A state can be named by the first hello alone: its writers open the table."),
            fresh.reject(
                "hello-truncated-state", "R12", hello(1, Array(name.prefix(7))),
                "expected eight bytes", "The body ends within the name of a state."),
            fresh.reject(
                "hello-truncated-frontier-name", "R12", hello(2, Array(name.prefix(7))),
                "expected eight bytes", "The body ends within the name of a frontier."),
            fresh.reject(
                "hello-unknown-state-without-news", "R30",
                hello(0x05, name, changes(lanes: 0, names: [])), "none that differs",
                "Even of a hello whose state is not known, how many segments follow is read."),
            fresh.reject(
                "hello-unknown-state-truncated", "R12", hello(0x51, name, [1], [0, 0]),
                "expected eight bytes",
                "A hello whose state is not known, and that ends within the digest."),
        ]
    }

    private static func lanes(_ fresh: RejectedScript) -> [RejectedVector] {
        [
            fresh.reject(
                "hello-lanes-none", "R30", hello(4, [0], changes(lanes: 0)), "none that differs",
                "Changes of no lane."),
            fresh.reject(
                "hello-lane-not-in-use", "R30", hello(4, [0], changes(lanes: 8)),
                "a lane that is not in use", "Changes of lane 3."),
            fresh.reject(
                "hello-following-without-news", "R30",
                hello(4, [0], changes(following: 1)), "a segment of a lane without news",
                "A segment of lane 0 is to follow, but lane 1 has changed."),
            fresh.reject(
                "hello-code-too-long", "R44", hello(4, [0], [9, 1]), code: .tooLarge,
                "bytes of range code", "Nine bytes of range code, of which one is there."),
            fresh.reject(
                "hello-too-many-writers", "R27", hello(4, [0], changes(new: 16_385)),
                code: .tooLarge, "more than 16384 writers", "16,385 new writers."),
            fresh.reject(
                "hello-truncated-writer", "R12",
                hello(4, [0], changes(names: Array(name(0xaa).prefix(9)))),
                "expected eight bytes", "The body ends within a writer."),
        ]
    }

    private static func entries(_ fresh: RejectedScript) throws -> [RejectedVector] {
        let most = Hello.Reference.state(
            ReplicaSummary(
                vectors: RejectedScript.vectors(UInt64(Int64.max)), digest: Digest(value: 1),
                clock: .zero))
        let knowing = try RejectedScript([], knowing: [most])
        guard case .state(let summary) = most else { return [] }
        let state = (0..<8).map {
            UInt8(truncatingIfNeeded: summary.name.rawValue >> (56 - 8 * $0))
        }
        return [
            fresh.reject(
                "hello-unsorted", "R27",
                hello(4, [0], changes(new: 2, names: name(0xbb) + name(0xaa))), "not ascending",
                "New writers in the wrong order."),
            fresh.reject(
                "hello-writer-twice", "R27",
                hello(4, [0], changes(new: 2, names: name(0xaa) + name(0xaa))), "not ascending",
                "The same new writer twice."),
            knowing.reject(
                "hello-writer-known", "R30", hello(5, state, changes()),
                "a writer introduced that was known", "A new writer that the state has."),
            fresh.reject(
                "hello-lane-changed-in-nothing", "R30",
                hello(4, [0], changes { $0.number("count", 0) }),
                "a lane that changed in nothing", "A lane with changes of no writer."),
            fresh.reject(
                "hello-lane-changed-too-much", "R30",
                hello(4, [0], changes { $0.number("count", 16_385) }), code: .tooLarge,
                "changed in more than 16384 writers", "A lane with changes of 16,385 writers."),
            fresh.reject(
                "hello-unknown-writer", "R26", hello(4, [0], changes { change(&$0, 1, 10) }),
                "a writer that has not been introduced", "The second writer of a table of one."),
            fresh.reject(
                "hello-writer-index-64-bits", "R26",
                hello(4, [0], changes { change(&$0, .max, 10) }),
                "a writer that has not been introduced", "A place of 64 bits."),
            fresh.reject(
                "hello-without-change", "R30", hello(4, [0], changes { change(&$0, 0, 0) }),
                "no change", "An entry that differs by 0."),
            fresh.reject(
                "hello-sequence-below-0", "R30", hello(4, [0], changes { change(&$0, 0, 1) }),
                "a sequence that is none", "One write less than none."),
            knowing.reject(
                "hello-sequence-beyond-63-bits", "R30",
                hello(5, state, changes(new: 0, names: []) { change(&$0, 0, 2) }),
                "a sequence that is none", "One more than 2⁶³ − 1 writes."),
        ]
    }

    // MARK: Sets of writes

    /// What is wrong with a set of writes, and how it begins.
    private static func sets() -> [(name: String, code: Refusal.Code, contains: String, [UInt8])] {
        let introduced = [0] + name(0xbb)
        return [
            ("too-many-writers", .tooLarge, "writers in a set of writes", varint(16_385)),
            ("unknown-writer", .malformed, "has not been introduced", [1, 9, 1, 0, 0]),
            (
                "unsorted", .malformed, "not ascending",
                [2] + introduced + [1, 0, 0] + [0] + name(0xaa) + [1, 0, 0]
            ),
            ("without-runs", .malformed, "0 runs", [1] + introduced + [0]),
            ("more-runs-than-bytes", .malformed, "9 runs", [1] + introduced + [9, 0, 0]),
            (
                "too-many-writes", .tooLarge, "too many writes",
                [1] + introduced + [2, 0] + varint(1 << 20 - 1) + [0, 0]
            ),
            (
                "beyond-64-bits", .malformed, "beyond 64 bits",
                [1] + introduced + [1] + varint(.max) + [0]
            ),
            ("truncated", .malformed, "expected more of a varint", [1] + introduced + [1, 0]),
        ]
    }

    /// What a side says that it holds.
    static func staged() throws -> [RejectedVector] {
        let fresh = try RejectedScript([])
        return sets().map { name, code, contains, bytes in
            fresh.reject(
                "hello-staged-\(name)", "R79", hello(0x20, [0], bytes), code: code, contains,
                "A set of staged writes: \(contains).")
        }
    }

    /// What a segment says that it is without.
    static func dropped() throws -> [RejectedVector] {
        let greeted = try RejectedScript()
        return sets().map { name, code, contains, bytes in
            greeted.reject(
                "chunk-dropped-\(name)", "R79", [0x1b, 0x81, 0] + bytes, code: code, contains,
                "A set of dropped writes: \(contains).")
        }
    }
}
