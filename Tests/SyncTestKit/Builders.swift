package import CausalTime
package import ReplicaModel

extension Identifier {
    /// An identifier that is ordered and printed by its number.
    package static func numbered(_ number: UInt32) -> Self {
        Self(high: UInt64(number) << 32, low: 0)
    }
}

extension Dot {
    /// The `sequence`-th write of writer number `writer`.
    package static func at(_ writer: UInt32, _ sequence: UInt64) -> Dot {
        Dot(writer: .numbered(writer), sequence: sequence)
    }
}

extension VersionVector {
    /// A vector of pairs of a writer's number and a sequence.
    package static func of(_ pairs: (UInt32, UInt64)...) -> VersionVector {
        VersionVector(pairs.map { (WriterID.numbered($0.0), $0.1) })
    }
}

extension HybridTimestamp {
    /// The stamp of a wall time and a counter, in epoch 0.
    package static func at(_ milliseconds: UInt64, _ counter: UInt64 = 0) -> HybridTimestamp {
        HybridTimestamp(epoch: 0, ticks: milliseconds << 16 | counter)
    }
}

extension CellKey {
    /// The cell that says whether a row exists.
    package static func row(_ row: UInt8, in lane: Lane = .settings) -> CellKey {
        CellKey(lane: lane, collection: CollectionID(rawValue: 1), row: [row], field: .row)
    }

    /// A field of a row of the collection of ``row(_:in:)``.
    package static func field(
        _ field: UInt32, ofRow row: UInt8, in lane: Lane = .settings
    ) -> CellKey {
        CellKey(
            lane: lane, collection: CollectionID(rawValue: 1), row: [row],
            field: FieldID(rawValue: field))
    }

    /// A counter or fact of a collection whose rows are not created or deleted.
    package static func entry(
        _ row: UInt8, in lane: Lane = .usage, owner: WriterID? = nil
    ) -> CellKey {
        CellKey(
            lane: lane, collection: CollectionID(rawValue: 2), row: [row],
            field: FieldID(rawValue: 1), owner: owner)
    }
}

extension Cell {
    /// A creation (odd causal length) or deletion (even) of a row.
    package static func row(
        _ row: UInt8, causalLength: UInt64, at timestamp: HybridTimestamp, by dot: Dot
    ) -> Cell {
        Cell(
            key: .row(row), kind: .row, dot: dot, timestamp: timestamp,
            causalLength: causalLength)
    }

    /// An edit of field 1 of a row.
    package static func register(
        _ value: CellValue, ofRow row: UInt8, causalLength: UInt64,
        at timestamp: HybridTimestamp, by dot: Dot
    ) -> Cell {
        Cell(
            key: .field(1, ofRow: row), kind: .register, dot: dot, timestamp: timestamp,
            causalLength: causalLength, value: value.encoded)
    }

    /// A counter of the dot's writer.
    package static func counter(_ amount: UInt64, at row: UInt8, by dot: Dot) -> Cell {
        Cell(
            key: .entry(row, owner: dot.writer), kind: .counter, dot: dot,
            value: Cell.encoded(amount: amount))
    }

    /// A fact.
    package static func fact(_ value: CellValue, at row: UInt8, by dot: Dot) -> Cell {
        Cell(key: .entry(row, in: .control), kind: .fact, dot: dot, value: value.encoded)
    }

    /// The value of a counter.
    package static func encoded(amount: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.varint(amount)
        return writer.bytes
    }
}
