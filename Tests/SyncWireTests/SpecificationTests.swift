import CausalTime
import Foundation
import ReplicaModel
import SyncEngine
import SyncWire
import Testing

@Suite("Text of the specification")
struct SpecificationTests {
    private let text: String

    init() throws {
        text = try String(
            contentsOf: VectorFiles.specification.appending(path: "caravan-sync-v1.md"),
            encoding: .utf8)
    }

    /// The hexadecimal digits of every block of a language; comments stand right of a bar.
    private func blocks(of language: String) -> [String] {
        text.components(separatedBy: "```\(language)\n").dropFirst().map { block in
            block.components(separatedBy: "```")[0].split(separator: "\n")
                .map { $0.prefix { $0 != "|" } }.joined().filter { $0 != " " }
        }
    }

    @Test("It prints the bytes of every frame of the exchange")
    func exchange() throws {
        let exchange = try WorkedExchange()
        #expect(blocks(of: "hex") == (exchange.frames + exchange.framesLater).map(\.hex))
    }

    @Test("It prints the canonical bytes of a cell, and their hash")
    func canonicalBytes() throws {
        let exchange = try WorkedExchange()
        let cell = try #require(exchange.phoneReplica.sorted.first { $0.kind == .row })
        var digest = Digest()
        digest.insert(cell)
        #expect(blocks(of: "canonical") == [cell.canonicalBytes.hex + digest.description])
    }

    @Test("It prints what the greetings of the exchange come to")
    func states() throws {
        var sealer = ExchangeSealer()
        var states: [Vector.Side: String] = [:]
        for frame in try WorkedExchange().frames {
            guard frame.message.preamble != nil || frame.message.hello != nil else { continue }
            _ = try sealer.frame(bytes(frame.hex), from: frame.from)
            states[frame.from, default: ""] +=
                Digest(value: sealer.state(of: frame.from)).description
        }
        #expect(
            blocks(of: "states") == [
                states[.initiator, default: ""] + states[.responder, default: ""]
            ])
    }

    @Test("Requirements are numbered from 1, each number once, wherever it stands")
    func requirements() {
        let numbers = text.components(separatedBy: "**R").dropFirst().compactMap {
            Int($0.prefix(while: \.isNumber))
        }
        #expect(numbers.sorted() == Array(1...numbers.count))
    }

    @Test("Every requirement that it refers to exists")
    func references() {
        let count = text.components(separatedBy: "**R").count - 1
        let words = text.split { !$0.isLetter && !$0.isNumber }
        let referred = words.filter { $0.first == "R" }.compactMap { Int($0.dropFirst()) }
        #expect(referred.count > count)
        #expect(referred.allSatisfy { 1...count ~= $0 })
    }

    @Test("Every rejected stream breaks a requirement")
    func rejectedStreams() throws {
        for vector in try VectorFiles.load(RejectedVector.self, from: VectorFiles.rejectedFolder) {
            #expect(text.contains("**\(vector.requirement)**"), "\(vector.name)")
        }
    }

    @Test("Its table of limits is the one that the code keeps to")
    func limits() {
        let limits = SessionLimits()
        let expected = [
            ("`preambleFrameBytesMax`", limits.preambleFrameBytesMax),
            ("`frameBytesMax`", limits.frameBytesMax),
            ("`inflatedBytesMax`", limits.inflatedBytesMax),
            ("`inflationRatioMax`", limits.inflationRatioMax),
            ("`inflatedFloor`", limits.inflatedFloor),
            ("`chunkBytes`", limits.chunkBytes),
            ("`chunkCellsMax`", limits.chunkCellsMax),
            ("`segmentBytesMax`", limits.segmentBytesMax),
            ("`vectorEntriesMax`", limits.vectorEntriesMax),
            ("writers introduced by a side", WriterTable.introductionsMax),
            ("row", CellKey.rowBytesMax),
            ("value", Cell.valueBytesMax),
            ("text of a refusal", Refusal.textBytesMax),
        ]
        for (name, value) in expected {
            #expect(text.contains("| \(name) | \(Self.grouped(value)) |"), "\(name)")
        }
    }

    @Test("Its table of refusal codes is the one of the code")
    func codes() {
        for code in Refusal.Code.allCases {
            #expect(text.contains("| \(code.rawValue) | `\(code)` |"))
        }
    }

    /// A number with a comma before every three digits.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.indices.map { index in
            (index > 0 && (digits.count - index).isMultiple(of: 3) ? "," : "")
                + String(digits[index])
        }.joined()
    }
}
