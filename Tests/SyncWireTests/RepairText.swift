import CausalTime
import ReplicaModel
import SyncEngine

/// A step of a repair as it stands in a vector: what the step has is there.
struct RepairText: Codable, Hashable {
    struct Symbol: Codable, Hashable {
        var sum: String
        var check: String
        var count: Int64
    }

    struct Placed: Codable, Hashable {
        var lane: UInt8
        var cell: CellText
    }

    var step: String
    var key: String?
    var symbols: [Symbol]?
    var upTo: Int?
    var wanted: [String]?
    var cells: [Placed]?

    init(_ message: RepairMessage) {
        switch message {
        case .sketch(let key, let it):
            step = "sketch"
            self.key = Self.hex(key)
            symbols = it.map(Self.symbol)
        case .symbols(let it):
            step = "symbols"
            symbols = it.map(Self.symbol)
        case .more(let count):
            step = "more"
            upTo = count
        case .part(let it):
            step = "part"
            cells = it.map(Self.placed)
        case .difference(let it, let hashes):
            step = "difference"
            cells = it.map(Self.placed)
            wanted = hashes.map(Self.hex)
        case .cells(let it):
            step = "cells"
            cells = it.map(Self.placed)
        }
    }

    func parsed() throws -> RepairMessage {
        let cells = try (cells ?? []).map { try $0.cell.parsed(in: Lane(rawValue: $0.lane)) }
        let symbols = try (symbols ?? []).map {
            CodedSymbol(
                sum: try digest($0.sum).value, check: try digest($0.check).value, count: $0.count)
        }
        switch step {
        case "sketch": return .sketch(key: try digest(key ?? "").value, symbols)
        case "symbols": return .symbols(symbols)
        case "more": return .more(upTo: upTo ?? 0)
        case "part": return .part(cells)
        case "difference":
            return .difference(cells, wanted: try (wanted ?? []).map { try digest($0).value })
        case "cells": return .cells(cells)
        default: throw VectorError("step \(step) of a repair")
        }
    }

    private static func hex(_ number: UInt64) -> String { Digest(value: number).description }

    private static func symbol(_ symbol: CodedSymbol) -> Symbol {
        Symbol(sum: hex(symbol.sum), check: hex(symbol.check), count: symbol.count)
    }

    private static func placed(_ cell: Cell) -> Placed {
        Placed(lane: cell.key.lane.rawValue, cell: CellText(cell))
    }
}
