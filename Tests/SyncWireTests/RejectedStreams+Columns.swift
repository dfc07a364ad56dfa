import CausalTime
import ReplicaModel
import SyncEngine

/// Chunks of several cells, whose range code says what no cell can be.
extension RejectedStreams {
    /// A chunk of cells under a claim of nine writes.
    private static func cells(
        _ count: UInt64 = 1, text: [UInt8] = [], _ body: (inout HostileCode) -> Void
    ) -> [UInt8] {
        [0x1b, 0x05, 3, 4, 0] + varint(count) + HostileCode.counted(body) + text
    }

    static func columns() throws -> [RejectedVector] {
        let greeted = try RejectedScript()
        return shapes(greeted) + rows(greeted) + writes(greeted) + stamps(greeted)
            + values(greeted) + texts(greeted) + contexts(greeted) + [
                greeted.reject(
                    "chunk-too-many-cells", "R43", [0x1b, 0x01, 0] + varint(10_001),
                    code: .tooLarge, "more than 10000 cells", "10,001 cells."),
                greeted.reject(
                    "chunk-code-too-long", "R44", [0x1b, 0x01, 0, 2, 9, 1], code: .tooLarge,
                    "bytes of range code", "Nine bytes of range code, of which one is there."),
                greeted.reject(
                    "chunk-bomb", "R91", bomb(), code: .tooLarge,
                    "a few bytes that stand for too much",
                    "600 cells that are all the same, in less than a bit each."),
                greeted.reject(
                    "chunk-empty-claim", "R39",
                    [0x1b, 0x02, 0, 1]
                        + HostileCode.counted {
                            $0.firstShape()
                            $0.row()
                        }, "cells under an empty claim", "A cell, but a claim of none."),
            ]
    }

    /// What is foretold each time costs next to nothing.
    private static func bomb() -> [UInt8] {
        [0x1b, 0x06, 2, 0] + varint(600)
            + HostileCode.counted { code in
                code.firstShape()
                code.row()
                code.dot(of: 1)
                code.stamp()
                code.life()
                code.text(0)
                for _ in 1..<600 {
                    code.shape(0, after: 0)
                    code.choice("same row", true)
                    code.choice("near", false)
                    code.dot(of: 1)
                    code.choice("other epoch", false)
                    code.number("error beside", 0)
                    code.number("logical after", 0)
                    code.life()
                    code.text(0)
                }
            }
    }

    private static func shapes(_ greeted: RejectedScript) -> [RejectedVector] {
        let faults: [(String, String, String, (inout HostileCode) -> Void)] = [
            ("shape-to-come", "R93", "a shape that has not come", { $0.shape(2) }),
            ("kind-9", "R36", "kind 9 is unknown", { $0.firstShape(kind: 9) }),
            ("kind-0", "R36", "kind 0 is unknown", { $0.firstShape(kind: 0) }),
            ("kind-64-bits", "R36", "is unknown", { $0.firstShape(kind: .max) }),
            ("row-as-field", "R36", "field 0 is the row", { $0.firstShape(kind: 2) }),
            ("fact-as-row", "R36", "field 0 is the row", { $0.firstShape(kind: 4, field: 0) }),
            (
                "collection-33-bits", "R36", "beyond 32 bits",
                { $0.firstShape(collection: 1 << 32) }
            ),
            ("field-33-bits", "R36", "beyond 32 bits", { $0.firstShape(field: 1 << 32) }),
            (
                "form-of-a-row", "R63", "form 1 of a row",
                { $0.firstShape(kind: 2, field: 0, form: 1) }
            ),
            ("form-unknown", "R63", "form 4 of a fact", { $0.firstShape(kind: 4, form: 4) }),
        ]
        return faults.map { name, requirement, contains, body in
            greeted.reject(
                "chunk-\(name)", requirement, cells { body(&$0) }, contains,
                "A chunk of several cells, of the first of which the shape is wrong: \(contains).")
        }
    }

    private static func rows(_ greeted: RejectedScript) -> [RejectedVector] {
        [
            greeted.reject(
                "chunk-row-too-long", "R38", cells { $0.register(suffix: 513) }, code: .tooLarge,
                "a row of more than 512 bytes", "A row of 513 bytes."),
            greeted.reject(
                "chunk-row-shares-too-much", "R38",
                cells {
                    $0.register(shared: 1)
                    $0.text(0)
                }, "shares more than there is",
                "A byte shared with the row before, which is empty."),
            greeted.reject(
                "chunk-row-grows-too-long", "R38",
                cells(2, text: [UInt8](repeating: 0x61, count: 513)) {
                    $0.register()
                    $0.text(0)
                    $0.shape(0, after: 0)
                    $0.row(shared: 1, suffix: 512)
                    $0.choice("near", false)
                    $0.dot(back: 1)
                    $0.choice("other epoch", false)
                    $0.number("error beside", 0)
                    $0.number("logical after", 0)
                    $0.life()
                    $0.text(0)
                }, code: .tooLarge, "a row of more than 512 bytes",
                "A byte shared with the row before, and 512 more."),
            greeted.reject(
                "chunk-row-after-none", "R38",
                cells {
                    $0.firstShape()
                    $0.choice("same row", false)
                    $0.choice("next row", true)
                    $0.dot()
                    $0.stamp()
                    $0.life()
                    $0.text(0)
                }, "the row after one that has none", "The row after an empty one."),
            greeted.reject(
                "chunk-cell-twice", "R42",
                cells(2, text: [0x61]) {
                    $0.register()
                    $0.text(0)
                    $0.shape(0, after: 0)
                    $0.choice("same row", true)
                    $0.choice("near", false)
                    $0.dot(back: 1)
                    $0.choice("other epoch", false)
                    $0.number("error beside", 0)
                    $0.number("logical after", 0)
                    $0.life()
                    $0.text(0)
                }, "the cells of a chunk are not ascending", "Two cells with one key."),
        ]
    }

    private static func writes(_ greeted: RejectedScript) -> [RejectedVector] {
        let bb = [UInt8](repeating: 0xbb, count: 16)
        return [
            greeted.reject(
                "chunk-writer-not-raised", "R39",
                [0x1b, 0x0d, 2, 1, 0] + bb + [1, 1, 0, 1]
                    + HostileCode.counted {
                        $0.firstShape()
                        $0.row()
                        $0.number("writer", 2)
                    }, "a writer that the claim does not raise", "The third of two writers."),
            greeted.reject(
                "chunk-write-before-the-first", "R39",
                [0x1b, 0x05, 3] + varint(65_532) + [0, 1]
                    + HostileCode.counted {
                        $0.firstShape()
                        $0.row()
                        // So many of 65,537 are told in two parts, which can be beyond it.
                        $0.even(32_768, of: 32_769)
                        $0.bits(1, 1)
                    }, "a write that the segment builds on",
                "65,537 before the last of 65,537 writes."),
            greeted.reject(
                "chunk-sequence-beyond-the-claim", "R39",
                cells(2) {
                    $0.register()
                    $0.text(0)
                    $0.shape(0, after: 0)
                    $0.row()
                    $0.choice("near", true)
                    $0.number("gap", 0)
                }, "a sequence beyond the claim", "The write after the last that is claimed."),
        ]
    }

    private static func stamps(_ greeted: RejectedScript) -> [RejectedVector] {
        func cell(_ body: @escaping (inout HostileCode) -> Void) -> [UInt8] {
            cells {
                $0.firstShape()
                $0.row()
                $0.dot()
                body(&$0)
            }
        }
        return [
            greeted.reject(
                "chunk-timestamp-beyond-48-bits", "R40", cell { $0.stamp(error: 1 << 49) },
                "48 bits", "A timestamp 2⁴⁸ milliseconds after the clock."),
            greeted.reject(
                "chunk-timestamp-counter", "R40", cell { $0.stamp(logical: 1 << 17) },
                "a timestamp out of range", "A counter of 17 bits."),
            greeted.reject(
                "chunk-timestamp-epoch", "R40",
                cell {
                    $0.choice("other epoch", true)
                    $0.number("epoch", 1 << 32)
                    $0.number("error", 0)
                    $0.number("logical", 0)
                }, "a timestamp out of range", "An epoch of 33 bits."),
            greeted.reject(
                "chunk-causal-length", "R40",
                cell {
                    $0.stamp()
                    $0.life(1 << 32 + 1)
                }, code: .tooLarge, "a causal length too great", "A causal length of 2³² + 1."),
            greeted.reject(
                "chunk-life-0", "R63",
                cells {
                    $0.firstShape(kind: 4, form: 2)
                    $0.row()
                    $0.dot()
                    $0.life(0)
                }, "a causal length of 0", "A fact without the life that its form has."),
        ]
    }

    private static func values(_ greeted: RejectedScript) -> [RejectedVector] {
        let faults: [(String, String, Refusal.Code, String, (inout HostileCode) -> Void)] = [
            (
                "value-to-come", "R93", .malformed, "a value that has not come",
                {
                    $0.number("value form", 0)
                    $0.number("index", 0)
                }
            ),
            (
                "value-of-no-form", "R93", .malformed, "a value of no form",
                { $0.number("value form", 6) }
            ),
            (
                "value-too-long", "R41", .tooLarge, "a value of more than 65536 bytes",
                { $0.text(65_536) }
            ),
            (
                "digits-too-many", "R93", .malformed, "digits that are none",
                {
                    $0.number("value form", 3)
                    $0.number("length", 256)
                    $0.number("shared digits", 0)
                }
            ),
            (
                "digits-share-too-much", "R93", .malformed, "digits that are none",
                {
                    $0.number("value form", 3)
                    $0.number("length", 4)
                    $0.number("shared digits", 1)
                }
            ),
            (
                "digits-beyond-nines", "R93", .malformed, "digits that are none",
                {
                    $0.number("value form", 3)
                    $0.number("length", 4)
                    $0.number("shared digits", 0)
                    $0.bits(10_000, 14)
                }
            ),
        ]
        return faults.map { name, requirement, code, contains, body in
            greeted.reject(
                "chunk-\(name)", requirement,
                cells {
                    $0.register()
                    body(&$0)
                }, code: code, contains, "A register with \(contains).")
        }
            + [
                ("item-empty", .malformed, "an item without bytes", 0),
                ("item-too-long", .tooLarge, "an item of more than 512 bytes", 513),
            ].map {
                (name: String, code: Refusal.Code, contains: String, length: UInt64) in
                greeted.reject(
                    "chunk-\(name)", "R63",
                    cells {
                        $0.firstShape(kind: 4, form: 1)
                        $0.row()
                        $0.dot()
                        $0.number("item length", length)
                    }, code: code, contains, "A fact with \(contains).")
            }
    }

    private static func texts(_ greeted: RejectedScript) -> [RejectedVector] {
        [
            greeted.reject(
                "chunk-text-truncated", "R12",
                cells(text: [0x61]) {
                    $0.register()
                    $0.text(5)
                }, "expected 5 bytes", "A row and a value, of which the value is missing."),
            greeted.reject(
                "chunk-row-truncated", "R12",
                cells(text: [0x61]) {
                    $0.register(suffix: 2)
                    $0.text(0)
                }, "expected 2 bytes", "A row of which a byte is missing."),
            greeted.reject(
                "chunk-trailing", "R12",
                cells(text: [0x61, 0x78, 0]) {
                    $0.register()
                    $0.text(1)
                }, "expected the end", "A byte after the text."),
        ]
    }

    /// Contexts of the only cell, a sibling.
    private static func contexts(_ greeted: RejectedScript) -> [RejectedVector] {
        let bb = [UInt8](repeating: 0xbb, count: 16)
        let faults: [(String, String, String, [UInt8])] = [
            ("unsorted", "R27", "not ascending", [2, 0] + bb + [1, 1, 1]),
            ("sequence-0", "R27", "sequence 0", [1, 1, 0]),
            ("unknown-writer", "R26", "has not been introduced", [1, 3, 1]),
            ("truncated", "R12", "expected more of a varint", [1, 1]),
        ]
        return faults.map { name, requirement, contains, context in
            greeted.reject(
                "chunk-context-\(name)", requirement,
                cells(text: [0x61] + context) {
                    $0.firstShape(kind: 5)
                    $0.row()
                    $0.dot()
                    $0.stamp()
                    $0.life()
                    $0.text(0)
                }, contains, "A sibling whose context is wrong: \(contains).")
        }
    }
}
