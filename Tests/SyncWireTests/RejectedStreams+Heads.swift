import CausalTime
import ReplicaModel
import SyncEngine

extension RejectedStreams {
    private static func name(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 16) }

    static func heads() throws -> [RejectedVector] {
        let greeted = try RejectedScript()
        return try segments(greeted) + claims(greeted) + columnsOfClaims(greeted) + clocks(greeted)
            + [
                greeted.reject(
                    "chunk-empty", "R12", [3], "expected a byte", "A chunk without flags."),
                greeted.reject(
                    "chunk-truncated-head", "R12", [0x1b, 0x05], "more of a varint",
                    "The body ends before the claim."),
                greeted.reject(
                    "chunk-frontier-of-no-form", "R65", [0x3b, 0x01, 2],
                    "neither the frontier that was told nor another",
                    "A frontier that is told in a third way."),
                greeted.reject(
                    "chunk-frontier-below-nothing", "R65", [0x3b, 0x01, 1, 6],
                    "a frontier below nothing", "A frontier six behind an entry of five."),
                greeted.reject(
                    "chunk-claim-of-unknown-writer", "R26", [0x1b, 0x05, 6],
                    "has not been introduced", "A claim that raises writer 2 of a table of one."),
            ]
    }

    private static func segments(_ greeted: RejectedScript) throws -> [RejectedVector] {
        var begun = greeted
        begun.pass([0x0b, 0x05, 2, 0, 0])
        var whole = greeted
        whole.pass([0x1b, 0x05, 2, 0, 0])
        return [
            greeted.reject(
                "chunk-not-begun", "R31", [0x13, 0x01, 0], code: .outOfOrder, "not begun",
                "A chunk without a head, and no segment."),
            whole.reject(
                "chunk-after-last", "R31", [0x13, 0x01, 0], code: .outOfOrder, "not begun",
                "A chunk of a segment that is whole."),
            begun.reject(
                "chunk-of-another-lane", "R31", [0x13, 0x02, 0], code: .outOfOrder, "not begun",
                "A segment of lane 1 has begun, and a chunk without a head is of lane 2."),
            begun.reject(
                "chunk-begun-twice", "R31", [0x1b, 0x01, 0, 0], code: .outOfOrder,
                "begun inside another of its lane", "A segment inside another of its lane."),
            begun.reject(
                "chunk-snapshot-without-head", "R65", [0x33, 0x01, 0],
                "what only the first can have", "A chunk without a head of a snapshot."),
            begun.reject(
                "chunk-claim-without-head", "R32", [0x13, 0x05, 0],
                "what only the first can have", "A chunk without a head that raises a claim."),
        ]
    }

    private static func claims(_ greeted: RejectedScript) -> [RejectedVector] {
        [
            greeted.reject(
                "chunk-next-of-nobody", "R39", [0x1b, 0x09, 0, 0], "the next write of nobody",
                "The next write of the writer before, where there was none."),
            greeted.reject(
                "chunk-claim-raises-nothing", "R39", [0x1b, 0x05, 3, 0, 0, 0],
                "a claim that raises nothing", "A writer raised by 0."),
            greeted.reject(
                "chunk-claim-beyond-63-bits", "R39",
                [0x1b, 0x05, 3] + varint(UInt64(Int64.max) - 4) + [0, 0], "a claim beyond 63 bits",
                "2⁶³ writes."),
            greeted.reject(
                "chunk-claim-beyond-64-bits", "R39", [0x1b, 0x05, 3] + varint(.max) + [0, 0],
                "a claim beyond 63 bits", "More than 2⁶⁴ writes."),
            greeted.reject(
                "chunk-claim-too-many-writers", "R27", [0x1b, 0x0d] + varint(16_385),
                code: .tooLarge, "more than 16384 writers in a claim",
                "A claim of 16,385 writers."),
            greeted.reject(
                "chunk-claim-unsorted", "R27",
                [0x1b, 0x0d, 2, 0] + name(0xbb) + [1, 0, 1, 1, 0, 0], "not ascending",
                "A claim that raises writers in the wrong order."),
            greeted.reject(
                "chunk-claim-twice", "R27", [0x1b, 0x0d, 2, 1, 1, 0, 1, 1, 0, 0], "not ascending",
                "A claim that raises a writer twice."),
        ]
    }

    /// Columns of two integers.
    private static func columnsOfClaims(_ greeted: RejectedScript) -> [RejectedVector] {
        let claim: [UInt8] = [0x1b, 0x0d, 2, 1, 0] + name(0xbb)
        return [
            greeted.reject(
                "chunk-column-mode-5", "R35", claim + [5, 0, 0], "mode 5 is unknown",
                "A column in a way that there is not."),
            greeted.reject(
                "chunk-column-run-of-0", "R35", claim + [2, 1, 0, 1, 2], "a run of 0",
                "A run of no values."),
            greeted.reject(
                "chunk-column-overrun", "R35", claim + [2, 1, 3], "a run of 3 where 2 are left",
                "A run of more values than there are."),
            greeted.reject(
                "chunk-column-truncated", "R44", claim + [0, 1], "2 integers in 1 bytes",
                "A plain column of two values in one byte."),
            greeted.reject(
                "chunk-column-bytes-truncated", "R12", claim + [4, 1], "expected 2 bytes",
                "A column of bytes of which one is missing."),
        ]
    }

    private static func clocks(_ greeted: RejectedScript) -> [RejectedVector] {
        [
            greeted.reject(
                "chunk-clock-beyond-48-bits", "R34", [0x1b, 0x01] + varint(1 << 49), "48 bits",
                "A clock 2⁴⁸ milliseconds after 0."),
            greeted.reject(
                "chunk-clock-below-0", "R34", [0x1b, 0x01, 1], "48 bits",
                "A clock one millisecond before 0."),
            greeted.reject(
                "chunk-clock-epoch", "R34", [0x1b, 0x41, 0] + varint(1 << 32) + [0],
                "epoch above 4294967295", "An epoch of 33 bits."),
            greeted.reject(
                "chunk-clock-counter", "R34", [0x1b, 0x41, 0, 0] + varint(1 << 16),
                "counter above 65535", "A counter of 17 bits."),
        ]
    }

    // MARK: One cell

    /// A chunk of one cell under a claim of nine writes.
    private static func single(_ detail: UInt8, _ rest: [UInt8]) -> [UInt8] {
        [0x1b, 0x15, 3, 4, 0, detail] + rest
    }

    static func singles() throws -> [RejectedVector] {
        let greeted = try RejectedScript()
        return shapes(greeted) + rows(greeted) + parts(greeted) + [
            greeted.reject(
                "single-under-empty-claim", "R39", [0x1b, 0x12, 0, 0x08, 1, 0x24, 1, 0x61],
                "a cell under an empty claim", "The latest write of a claim of none."),
            greeted.reject(
                "single-write-before-the-first", "R39", single(0x02, [1, 0x21, 1, 0x61, 9]),
                "a write that the segment builds on", "Nine before the last of nine writes."),
            greeted.reject(
                "single-writer-not-raised", "R39",
                [0x1b, 0x1d, 2, 1, 0] + name(0xbb) + [1, 1, 0]
                    + [0x02, 1, 0x21, 1, 0x61, 2, 0],
                "a writer that the claim does not raise", "The third of two writers."),
        ]
    }

    private static func shapes(_ greeted: RejectedScript) -> [RejectedVector] {
        [
            greeted.reject(
                "single-shape-of-nothing", "R37", single(0x2b, [1, 0x61]),
                "the shape of an earlier cell", "The shape of the cell before the first."),
            greeted.reject(
                "single-row-of-nothing", "R37", single(0x1b, [1, 0x21]),
                "the row of an earlier cell", "The row of the cell before the first."),
            greeted.reject(
                "single-kind-9", "R36", single(0x0b, [1, 0x29]), "kind 9 is unknown",
                "A kind that version 1 does not have."),
            greeted.reject(
                "single-kind-0", "R36", single(0x0b, [1, 0x20, 0, 0]), "kind 0 is unknown",
                "No kind at all."),
            greeted.reject(
                "single-kind-128", "R36", single(0x0b, [1, 0x20, 128, 0]), "kind 128 is unknown",
                "A kind beyond those that later versions can have."),
            greeted.reject(
                "single-row-as-field", "R36", single(0x0b, [1, 0x22]), "field 0 is the row",
                "A row as field 2."),
            greeted.reject(
                "single-fact-as-row", "R36", single(0x08, [1, 0x04]), "field 0 is the row",
                "A fact as field 0."),
            greeted.reject(
                "single-collection-33-bits", "R36", single(0x0b, varint(1 << 32) + [0x21]),
                "beyond 32 bits", "A collection of 33 bits."),
            greeted.reject(
                "single-field-33-bits", "R36", single(0x0b, [1] + varint(1 << 36 | 1)),
                "beyond 32 bits", "A field of 33 bits."),
            greeted.reject(
                "single-form-of-a-row", "R63", single(0x0b, [1, 0, 2, 1]), "form 1 of a row",
                "A row with an item."),
            greeted.reject(
                "single-form-unknown", "R63", single(0x08, [1, 0x20, 4, 4]), "form 4 of a fact",
                "A form with a bit that there is not."),
            greeted.reject(
                "single-form-of-a-register", "R63", single(0x0b, [1, 0x20, 1, 2]),
                "form 2 of a register", "A stamped kind always has a life."),
        ]
    }

    private static func rows(_ greeted: RejectedScript) -> [RejectedVector] {
        var another = greeted
        another.pass(single(0x0b, [1, 0x21, 1, 0x61, 0x78]))
        let next: [UInt8] = [0x1b, 0x19, 0, 0x2b]
        return [
            greeted.reject(
                "single-row-too-long", "R38", single(0x0b, [1, 0x21] + varint(513)),
                code: .tooLarge, "row's suffix", "A row of 513 bytes."),
            greeted.reject(
                "single-row-truncated", "R12", single(0x0b, [1, 0x21, 5, 0x61]),
                "expected 5 bytes", "A row of which four bytes are missing."),
            another.reject(
                "single-row-shares-too-much", "R38", next + [2, 0], "shared with a row",
                "Two bytes shared with a row of one."),
            another.reject(
                "single-row-grows-too-long", "R38", next + [1] + varint(512), code: .tooLarge,
                "row's suffix", "A byte shared with the row before, and 512 more."),
        ]
    }

    private static func parts(_ greeted: RejectedScript) -> [RejectedVector] {
        let sibling: [UInt8] = [1, 0x25, 1, 0x61]
        return [
            greeted.reject(
                "single-timestamp-of-a-fact", "R92", single(0x09, [1, 0x24, 1, 0x61]),
                "a timestamp of a fact", "A fact at the segment's clock."),
            greeted.reject(
                "single-timestamp-beyond-48-bits", "R40",
                single(0x0a, [1, 0x21, 1, 0x61] + varint(1 << 49)), "48 bits",
                "A timestamp 2⁴⁸ milliseconds after the clock."),
            greeted.reject(
                "single-timestamp-epoch", "R40",
                single(0x0a, [1, 0x21, 1, 0x61, 0] + varint(1 << 32)), "epoch above",
                "An epoch of 33 bits."),
            greeted.reject(
                "single-timestamp-counter", "R40",
                single(0x0a, [1, 0x21, 1, 0x61, 0, 0] + varint(1 << 16)), "counter above",
                "A counter of 17 bits."),
            greeted.reject(
                "single-life-of-no-kind", "R92", single(0x0f, [1, 0x21, 1, 0x61]),
                "a causal length of no kind", "A causal length that is told in a fourth way."),
            greeted.reject(
                "single-life-too-great", "R40",
                single(0x0d, [1, 0x21, 1, 0x61] + varint(1 << 32 + 1)), code: .tooLarge,
                "a causal length too great", "A causal length of 2³² + 1."),
            greeted.reject(
                "single-life-of-a-fact", "R63", single(0x0a, [1, 0x24, 1, 0x61]),
                "a causal length of 1 of a fact", "A fact with a life that its form has not."),
            greeted.reject(
                "single-life-0", "R63", single(0x08, [1, 0x20, 4, 2, 1, 0x61]),
                "a causal length of 0 of a fact", "A fact without the life that its form has."),
            greeted.reject(
                "single-item-empty", "R63", single(0x0b, [1, 0x20, 1, 1, 1, 0x61, 0]),
                "an item without bytes", "An item of no bytes."),
            greeted.reject(
                "single-item-too-long", "R63",
                single(0x0b, [1, 0x20, 1, 1, 1, 0x61] + varint(513)), code: .tooLarge,
                "more than 512 bytes in an item", "An item of 513 bytes."),
            greeted.reject(
                "single-context-unsorted", "R27",
                single(0x0b, sibling + [2, 0] + name(0xbb) + [1, 1, 1]), "not ascending",
                "A context with writers in the wrong order."),
            greeted.reject(
                "single-context-sequence-0", "R27", single(0x0b, sibling + [1, 1, 0]),
                "sequence 0", "A context with none of a writer's writes."),
            greeted.reject(
                "single-context-unknown-writer", "R26", single(0x0b, sibling + [1, 3, 1]),
                "has not been introduced", "A context with the third writer of a table of one."),
            greeted.reject(
                "single-context-too-many-writers", "R27",
                single(0x0b, sibling + varint(16_385)), code: .tooLarge,
                "more than 16384 writers", "A context of 16,385 writers."),
            greeted.reject(
                "single-value-of-two-types", "R92", single(0xcb, [1, 0x21, 1, 0x61, 0]),
                "a value of two types", "A value that is an integer and text."),
            greeted.reject(
                "single-value-of-a-row", "R92", single(0x8b, [1, 0, 2, 0, 1, 0x61]),
                "or of a row", "A row with text as its value."),
            greeted.reject(
                "single-trailing-after-a-row", "R12", single(0x0b, [1, 0x02, 1, 0x61, 0]),
                "expected the end", "A byte after a row, which has no value."),
        ]
    }
}
