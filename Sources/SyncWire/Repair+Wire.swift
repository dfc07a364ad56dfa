import CausalTime
import ReplicaModel
import SyncEngine

/// The kinds of step, as they stand in three bits of a frame's head.
private enum RepairStep: UInt8 {
    case sketch = 0
    case symbols = 1
    case more = 2
    case part = 3
    case difference = 4
    case cells = 5
}

extension RepairMessage {
    /// What the head says of the message.
    var wireBits: UInt8 {
        let step: RepairStep =
            switch self {
            case .sketch: .sketch
            case .symbols: .symbols
            case .more: .more
            case .part: .part
            case .difference: .difference
            case .cells: .cells
            }
        return step.rawValue
    }

    /// Writes the body.
    func write(limits: SessionLimits, to out: inout ByteWriter) throws(BodyFault) {
        switch self {
        case .sketch(let key, let symbols):
            out.fixed64(key)
            Self.write(symbols, to: &out)
        case .symbols(let symbols): Self.write(symbols, to: &out)
        case .more(let count): out.varint(UInt64(count))
        case .part(let cells), .cells(let cells): try Self.write(cells, limits, to: &out)
        case .difference(let cells, let wanted):
            guard wanted.count <= limits.sketch.differencesMax else {
                throw BodyFault(.tooLarge, "more than \(limits.sketch.differencesMax) differences")
            }
            out.varint(UInt64(wanted.count))
            for hash in wanted { out.fixed64(hash) }
            try Self.write(cells, limits, to: &out)
        }
    }

    /// Reads what ``write(limits:to:)`` wrote.
    init(
        bits: UInt8, limits: SessionLimits, from reader: inout BodyReader
    ) throws(BodyFault) {
        switch RepairStep(rawValue: bits) {
        case .sketch:
            let key = try reader.fixed64()
            self = .sketch(key: key, try Self.readSymbols(limits, from: &reader))
        case .symbols: self = .symbols(try Self.readSymbols(limits, from: &reader))
        case .more:
            self = .more(
                upTo: try reader.count(atMost: limits.sketch.symbolsMax, of: "symbols"))
        case .part: self = .part(try Self.readCells(limits, from: &reader))
        case .difference:
            let count = try reader.count(
                atMost: limits.sketch.differencesMax, of: "differences")
            var wanted: [UInt64] = []
            for _ in 0..<count { wanted.append(try reader.fixed64()) }
            self = .difference(try Self.readCells(limits, from: &reader), wanted: wanted)
        case .cells: self = .cells(try Self.readCells(limits, from: &reader))
        case nil: throw reader.fault("step \(bits) of a repair is unknown")
        }
    }

    // MARK: Symbols

    private static func write(_ symbols: [CodedSymbol], to out: inout ByteWriter) {
        out.varint(UInt64(symbols.count))
        for symbol in symbols {
            out.fixed64(symbol.sum)
            out.fixed64(symbol.check)
            out.varint(UInt64(bitPattern: symbol.count << 1 ^ symbol.count >> 63))
        }
    }

    private static func readSymbols(
        _ limits: SessionLimits, from reader: inout BodyReader
    ) throws(BodyFault) -> [CodedSymbol] {
        let count = try reader.count(atMost: limits.sketch.symbolsMax, of: "symbols")
        var symbols: [CodedSymbol] = []
        for _ in 0..<count {
            let (sum, check) = (try reader.fixed64(), try reader.fixed64())
            let number = try reader.varint()
            symbols.append(
                CodedSymbol(
                    sum: sum, check: check,
                    count: Int64(bitPattern: number >> 1) ^ -Int64(number & 1)))
        }
        return symbols
    }

    // MARK: Cells

    private static func write(
        _ cells: [Cell], _ limits: SessionLimits, to out: inout ByteWriter
    ) throws(BodyFault) {
        guard cells.count <= limits.chunkCellsMax else {
            throw BodyFault(.tooLarge, "more than \(limits.chunkCellsMax) cells in a message")
        }
        out.varint(UInt64(cells.count))
        for cell in cells {
            if let fault = cell.wireFault { throw fault }
            out.raw(cell.canonicalBytes)
            cell.context.write(to: &out)
        }
    }

    private static func readCells(
        _ limits: SessionLimits, from reader: inout BodyReader
    ) throws(BodyFault) -> [Cell] {
        let count = try reader.count(atMost: limits.chunkCellsMax, of: "cells in a message")
        var cells: [Cell] = []
        for _ in 0..<count { cells.append(try Cell(whole: &reader)) }
        return cells
    }
}

extension Cell {
    /// Reads the cell's canonical bytes, and its context.
    fileprivate init(whole reader: inout BodyReader) throws(BodyFault) {
        let lane = Lane(rawValue: try reader.byte())
        guard Lane.all.contains(lane) else { throw reader.fault("\(lane) is not in use") }
        let collection = try reader.varint(atMost: UInt64(UInt32.max), of: "a collection")
        let field = try reader.varint(atMost: UInt64(UInt32.max), of: "a field")
        let number = try reader.byte()
        guard let kind = MergeKind(rawValue: number) else {
            throw reader.fault("kind \(number) is none")
        }
        let row = try reader.counted(atMost: CellKey.rowBytesMax, of: "bytes in a row's key")
        let item = try reader.counted(atMost: CellKey.itemBytesMax, of: "bytes in an item")
        let writer: WriterID = try reader.identifier()
        let dot = Dot(writer: writer, sequence: try reader.varint())
        let epoch = try reader.varint(atMost: UInt64(UInt32.max), of: "a clock's epoch")
        let ticks = try reader.varint()
        let length = try reader.varint(atMost: Cell.causalLengthMax, of: "a causal length")
        let value = try reader.counted(atMost: Cell.valueBytesMax, of: "bytes in a value")
        self.init(
            key: CellKey(
                lane: lane, collection: CollectionID(rawValue: UInt32(collection)), row: row,
                field: FieldID(rawValue: UInt32(field)), item: item,
                owner: kind.isOwned ? writer : nil),
            kind: kind, dot: dot,
            timestamp: HybridTimestamp(epoch: UInt32(epoch), ticks: ticks),
            causalLength: length, context: try Self.readContext(from: &reader), value: value)
        guard wireFault == nil, isWithinLimits else {
            throw reader.fault("the cell at \(dot) is not one of its kind")
        }
    }

    private static func readContext(
        from reader: inout BodyReader
    ) throws(BodyFault) -> VersionVector {
        let count = try reader.count(atMost: contextEntriesMax, of: "writers in a context")
        var pairs: [(WriterID, UInt64)] = []
        for _ in 0..<count {
            let writer: WriterID = try reader.identifier()
            pairs.append((writer, try reader.varint()))
        }
        let context = VersionVector(pairs)
        guard context.entries.map(\.writer) == pairs.map(\.0) else {
            throw reader.fault("the writers of a context are not ascending")
        }
        return context
    }
}

extension BodyReader {
    /// Bytes that follow their number.
    fileprivate mutating func counted(
        atMost limit: Int, of what: String
    ) throws(BodyFault) -> [UInt8] {
        try raw(try count(atMost: limit, of: what))
    }
}
