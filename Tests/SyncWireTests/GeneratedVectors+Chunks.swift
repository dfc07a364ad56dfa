import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit

extension GeneratedVectors {
    private typealias Script = VectorScript

    static func chunks() throws -> [Vector] {
        [
            try claims(), try singles(), try everyKind(), try values(), try rows(),
            try interleaved(), try continuation(), try snapshot(), try heartbeat(),
            try compressed(), try writersOfBothSides(),
        ]
    }

    private static func greeted(_ settings: UInt64 = 0) throws -> Script {
        var script = try Script()
        try script.say(
            Script.hello(Script.vectors(settings: VersionVector([(Script.phone, settings)]))))
        return script
    }

    private static func claims() throws -> Vector {
        var script = try greeted(5)
        let (phone, laptop) = (Script.phone, Script.laptop)
        let third = WriterID(high: 0xcc << 56, low: 1)
        let later = HybridTimestamp(epoch: 1, ticks: Script.at(4_000, 2).ticks)
        try script.say(Script.chunk(claim: VersionVector([(phone, 5)])))
        try script.say(Script.chunk(claim: VersionVector([(phone, 6)])))
        try script.say(Script.chunk(claim: VersionVector([(phone, 7)]), applied: 300))
        try script.say(
            Script.chunk(claim: VersionVector([(phone, 9)]), clock: later, applied: 300))
        try script.say(
            Script.chunk(
                claim: VersionVector([(phone, 9), (laptop, 1)]), clock: later, applied: 300))
        try script.say(
            Script.chunk(
                claim: VersionVector([(phone, 19), (laptop, 2), (third, 500)]), clock: Script.at(0),
                applied: 300))
        try script.say(
            Script.chunk(
                claim: VersionVector([(phone, 20), (laptop, 2), (third, 500)]), clock: Script.at(0),
                applied: 300))
        return script.vector(
            "chunk-claims",
            "Segments without cells, whose claims are as told before, raise one writer by one, are "
                + "the next write of the same, raise it by two, introduce a writer, "
                + "raise three, and "
                + "raise one of those by one. The second says how much was applied, the "
                + "third has a "
                + "clock of another epoch and with a counter, the fifth is back.")
    }

    private static func singles() throws -> Vector {
        var script = try greeted(0)
        var sequence: UInt64 = 0
        let settings: [(UInt64) -> Cell] = [
            { Script.cell(.row, seq: $0, at: Script.at(5_000)) },
            { Script.cell(seq: $0, at: Script.at(4_999, 2), value: Script.text("Japan")) },
            { Script.cell(seq: $0, at: Script.at(5_000), value: CellValue.integer(-70).encoded) },
            { Script.cell(row: "8982", seq: $0, life: 3, value: CellValue.bool(true).encoded) },
            { Script.cell(.fact, row: "8982", field: 2, seq: $0, life: 0, value: [4, 1, 2]) },
            { Script.cell(.fact, row: "8982", field: 2, seq: $0, life: 7, value: []) },
            { Script.cell(.maximum, row: "9", field: 3, seq: $0, life: 0, value: [200, 1, 5]) },
            {
                Script.cell(
                    .sibling, row: "9", field: 4, item: "key", seq: $0,
                    context: VersionVector([(Script.phone, 3), (Script.laptop, 1)]),
                    value: Script.text("x"))
            },
            {
                Script.cell(
                    .vector, row: "9", field: 5, seq: $0, life: 0,
                    context: VersionVector([(Script.laptop, 2)]))
            },
            { Script.cell(.uniqueRow, row: "10", seq: $0, life: Cell.causalLengthMax) },
            { Script.cell(.unknown(64), row: "10", field: 6, seq: $0, life: 0, value: [1]) },
            {
                Script.cell(
                    .unknown(67), row: "10", field: 300, item: "i", seq: $0, life: 2, value: [3])
            },
        ]
        for make in settings {
            sequence += 1
            try script.say(
                Script.chunk(
                    claim: VersionVector([(Script.phone, sequence)]), [make(sequence)]))
        }
        for amount in [[9], [0x96, 1]] as [[UInt8]] {
            sequence += 1
            try script.say(
                Script.chunk(
                    .usage, claim: VersionVector([(Script.phone, sequence)]),
                    [Script.cell(.counter, lane: .usage, seq: sequence, life: 0, value: amount)]))
        }
        try script.say(
            Script.chunk(
                .usage, claim: VersionVector([(Script.phone, 40), (Script.laptop, 3)]),
                [
                    Script.cell(
                        .counter, lane: .usage, by: Script.laptop, seq: 2, life: 5, value: [1])
                ]))
        return script.vector(
            "chunk-single",
            "Chunks of one cell: of every kind, with and without an item, at the "
                + "segment's clock and "
                + "at another time, of lives 0, 1 and more, with values that are text, an integer "
                + "and something else, of the row and the shape of the cell before, and of another "
                + "write than the claim's latest.")
    }

    private static func everyKind() throws -> Vector {
        var script = try greeted(0)
        let kinds = MergeKind.known + (64..<68).map(MergeKind.unknown)
        let context = VersionVector([(Script.phone, 4), (Script.laptop, 2)])
        let cells = kinds.enumerated().map { index, kind in
            let hasValue = !kind.isRow && kind != .vector
            return Script.cell(
                kind, row: "row", field: UInt32(index) + 1,
                item: index.isMultiple(of: 2) && !kind.isRow ? "i" : "", seq: UInt64(index) + 1,
                at: Script.at(UInt64(1_000 * index)),
                life: kind.isStamped || index.isMultiple(of: 3) ? UInt64(index) + 1 : 0,
                context: kind.hasContext ? context : VersionVector(),
                value: !hasValue
                    ? [] : kind == .counter ? Cell.encoded(amount: 300) : [UInt8(index), 7])
        }
        // A row of each kind has field 0: one of them in another row.
        let apart = cells.map { cell in
            cell.kind == .uniqueRow
                ? Script.cell(
                    .uniqueRow, row: "rows", seq: cell.dot.sequence, at: cell.timestamp,
                    life: cell.causalLength) : cell
        }
        try script.say(
            Script.chunk(claim: VersionVector([(Script.phone, 40)]), apart))
        return script.vector(
            "chunk-every-kind",
            "A chunk of a cell of every kind, and of four that version 1 does not know: "
                + "range code, "
                + "then the text, then contexts, which introduce a writer.")
    }

    private static func values() throws -> Vector {
        var script = try greeted(0)
        let values: [[UInt8]] = [
            CellValue.integer(1_000_000).encoded, CellValue.integer(1_000_001).encoded,
            CellValue.integer(-5).encoded, Script.text("0012345678901"),
            Script.text("0012345678999"), Script.text("99"), Script.text("99"), Script.text(""),
            [], CellValue.bool(true).encoded, CellValue.bool(true).encoded, [2, 0x80], [4, 1, 2],
        ]
        let cells = values.enumerated().map { index, value in
            Script.cell(row: "\(100 + index)", seq: UInt64(index) + 1, value: value)
        }
        try script.say(Script.chunk(claim: VersionVector([(Script.phone, 13)]), cells))
        return script.vector(
            "chunk-values",
            "Values in every form: an integer, the difference to it, digits that share a "
                + "beginning, "
                + "text, a value that came before, and other bytes. Each row is the next one after "
                + "the row before.")
    }

    private static func rows() throws -> Vector {
        var script = try greeted(0)
        let (phone, laptop) = (Script.phone, Script.laptop)
        let other = HybridTimestamp(epoch: 3, ticks: Script.at(9).ticks)
        let cells = [
            Script.cell(.row, row: "8981", seq: 20, at: Script.at(0)),
            Script.cell(
                row: "8981", field: 1, seq: 21, at: Script.at(0, 1), value: Script.text("Japan")),
            Script.cell(
                row: "8981", field: 2, by: laptop, seq: 1, at: Script.at(7_000), value: [1]),
            Script.cell(.row, row: "8982", seq: 40, at: Script.at(4_000)),
            Script.cell(
                row: "8982", field: 1, seq: 30, at: Script.at(2_000), value: Script.text("Chile")),
            Script.cell(row: "89990", field: 1, seq: 1, at: other, value: Script.text("Peru")),
            Script.cell(.row, row: "ab", seq: 39, at: Script.at(3_999)),
            Script.cell(.row, row: "ac", seq: 38, at: Script.at(3_998)),
        ]
        try script.say(
            Script.chunk(claim: VersionVector([(phone, 40), (laptop, 1)]), cells))
        return script.vector(
            "chunk-rows",
            "Rows that stay, that are the next one, and others; two writers; sequences "
                + "shortly after "
                + "the last one and elsewhere; timestamps before, between and after "
                + "known ones, with "
                + "a counter, and of another epoch.")
    }

    private static func interleaved() throws -> Vector {
        var script = try greeted(0)
        let claim = VersionVector([(Script.phone, 4)])
        for part in 0..<2 {
            for lane in Lane.all {
                let cells = (1...2).map {
                    Script.cell(
                        row: "\(part)\($0)", lane: lane, seq: UInt64(2 * part + $0),
                        value: Script.text("Japan"))
                }
                try script.say(
                    Script.chunk(lane, claim: part == 0 ? claim : nil, isLast: part == 1, cells))
            }
        }
        return script.vector(
            "chunk-lanes-interleaved",
            "A segment of each lane, two chunks each. The second chunks know what the "
                + "first ones of "
                + "their lane have taught.")
    }

    private static func continuation() throws -> Vector {
        var script = try greeted(0)
        try script.say(
            Script.chunk(
                claim: VersionVector([(Script.phone, 9)]), isLast: false,
                [
                    Script.cell(row: "1", seq: 1, value: [1]),
                    Script.cell(row: "2", seq: 2, value: [2]),
                ]))
        try script.say(
            Script.chunk(claim: nil, isLast: false, [Script.cell(row: "3", seq: 3, value: [1])]))
        try script.say(Script.chunk(claim: nil, isLast: false))
        try script.say(
            Script.chunk(
                claim: nil,
                [
                    Script.cell(row: "4", seq: 4, value: [1]),
                    Script.cell(row: "5", seq: 9, value: [1]),
                ]))
        return script.vector(
            "chunk-continuation",
            "A segment in four chunks: of two cells, of one, of none, and of two again.")
    }

    private static func snapshot() throws -> Vector {
        var script = try Script()
        let settings = VersionVector([(Script.phone, 9), (Script.laptop, 2)])
        let frontier = VersionVector([(Script.phone, 6)])
        try script.say(
            Script.hello(
                Script.vectors(settings: settings), frontier: Script.vectors(settings: frontier)))
        try script.say(
            Script.chunk(
                claim: settings, frontier: frontier,
                [Script.cell(seq: 2, value: Script.text("Japan"))]))
        try script.say(
            Script.chunk(
                claim: settings, frontier: VersionVector([(Script.phone, 8), (Script.laptop, 2)]),
                [Script.cell(seq: 2, value: Script.text("Japan"))]))
        return script.vector(
            "chunk-snapshot",
            "Two segments that are all of a lane: with the frontier that the greeting "
                + "told, and with "
                + "a later one. Cells can be of any write that the claim covers.")
    }

    private static func heartbeat() throws -> Vector {
        var script = try Script(bothSpeak: true)
        try script.say(Script.hello())
        try script.say(Script.hello(reference: .greeting), .responder)
        try script.say(.heartbeat(isAnswer: false))
        try script.say(.heartbeat(isAnswer: true), .responder)
        try script.say(.heartbeat(isAnswer: false), .responder)
        try script.say(.heartbeat(isAnswer: true))
        return script.vector("heartbeat", "Each side asks for a sign of life, and gets one.")
    }

    private static func writersOfBothSides() throws -> Vector {
        var script = try Script(bothSpeak: true)
        let third = WriterID(high: 0xcc << 56, low: 1)
        try script.say(
            Script.hello(Script.vectors(settings: VersionVector([(Script.phone, 5)]))))
        try script.say(
            Script.hello(
                Script.vectors(
                    settings: VersionVector([(Script.phone, 5)]),
                    usage: VersionVector([(Script.laptop, 1), (third, 1)])),
                reference: .greeting), .responder)
        try script.say(
            Script.chunk(
                .usage, claim: VersionVector([(third, 2)]),
                [Script.cell(.counter, lane: .usage, by: third, seq: 2, life: 0, value: [3])]))
        try script.say(
            Script.chunk(
                claim: VersionVector([(Script.phone, 5), (Script.laptop, 1)])), .responder)
        return script.vector(
            "writers-of-both-sides",
            "The initiator introduces a writer with an even index, the responder two "
                + "with odd ones; "
                + "afterwards each refers to what the other has introduced.")
    }

    private static func compressed() throws -> Vector {
        var script = try Script()
        for number in UInt64(0)..<3 {
            if number == 2 { script.restartCompression() }
            let cells = (UInt64(0)..<12).map { index in
                Script.cell(
                    row: "898130001234567890\(index / 2)", field: UInt32(index % 2) + 1,
                    seq: 12 * number + index + 1, at: Script.at(1_000 * number),
                    value: Script.text(
                        index % 2 == 0
                            ? "JP\(index)" : "Japan roaming \(index) GB, thirty days"))
            }
            try script.say(
                Script.chunk(
                    claim: VersionVector([(Script.phone, 12 * number + 12)]),
                    clock: Script.at(1_000 * number), cells))
        }
        try script.say(
            Script.chunk(
                claim: VersionVector([(Script.phone, 37)]),
                [
                    Script.cell(
                        seq: 37, value: Script.text("Japan roaming, thirty days, sixty GB, hotspot")
                    )
                ]))
        return script.vector(
            "chunk-compressed",
            "Four segments, of the last one cell only, with their text in one zstd "
                + "stream, which is "
                + "restarted before the third. Bytes differ between versions of libzstd, so an "
                + "encoder need not give these; every decoder has to read them.", replay: .decoding)
    }
}
