import CausalTime
import ReplicaModel
import SyncEngine

extension RejectedStreams {
    /// A message of the type 7, and the step in the three bits of its head.
    private static func head(_ step: UInt8) -> UInt8 { 7 | step << 3 }

    /// A cell of lane 1 at the first write of the writer that the greeting introduces.
    private static var cell: [UInt8] {
        Cell(
            key: CellKey(
                lane: .settings, collection: CollectionID(rawValue: 1024), row: [1],
                field: FieldID(rawValue: 1)),
            kind: .fact, dot: Dot(writer: RejectedScript.writer, sequence: 1), value: [1]
        ).canonicalBytes
    }

    static func repairs() throws -> [RejectedVector] {
        let greeted = try RejectedScript()
        var elsewhere = cell
        elsewhere[0] = 3
        var unknownKind = cell
        unknownKind[4] = 9
        let writer = [UInt8](repeating: 0xaa, count: 16)
        return [
            greeted.reject(
                "repair-step-6", "R98", [head(6)], "step 6 of a repair", "A step that is none."),
            greeted.reject(
                "repair-too-many-symbols", "R100", [head(1)] + varint(65_537), code: .tooLarge,
                "more than 65536 symbols", "A count beyond what a sketch may have."),
            greeted.reject(
                "repair-symbol-truncated", "R100",
                [head(1), 1] + [UInt8](repeating: 0, count: 15), "expected",
                "A symbol of which the end is missing."),
            greeted.reject(
                "repair-too-many-differences", "R100", [head(4)] + varint(32_769),
                code: .tooLarge, "more than 32768 differences",
                "More hashes than differences are looked for."),
            greeted.reject(
                "repair-too-many-cells", "R101", [head(5)] + varint(10_001), code: .tooLarge,
                "more than 10000 cells", "A count beyond what a message may have."),
            greeted.reject(
                "repair-lane-not-in-use", "R101", [head(5), 1] + elsewhere + [0],
                "is not in use", "A cell of lane 3."),
            greeted.reject(
                "repair-kind-9", "R101", [head(5), 1] + unknownKind + [0], "kind 9 is none",
                "A cell of a kind that no version has."),
            greeted.reject(
                "repair-context-of-a-fact", "R101", [head(5), 1] + cell + [1] + writer + [1],
                "not one of its kind", "A fact that has seen something."),
            greeted.reject(
                "repair-context-twice", "R101",
                [head(5), 1] + cell + [2] + writer + [1] + writer + [2], "not ascending",
                "A context that names a writer twice."),
            greeted.reject(
                "repair-trailing", "R98", [head(2), 4, 0], "the end",
                "A byte after the message."),
        ]
    }
}
