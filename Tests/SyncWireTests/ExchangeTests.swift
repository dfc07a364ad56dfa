import Foundation
import SyncEngine
import SyncWire
import Testing

@Suite("Exchange of the specification")
struct ExchangeTests {
    @Test("Afterwards both sides hold the same, and the session says so")
    func converges() throws {
        let exchange = try WorkedExchange()
        #expect(exchange.phoneReplica.cells == exchange.laptopReplica.cells)
        #expect(exchange.phoneReplica.cells.count == 4)
        #expect(exchange.phoneReplica.vectors == exchange.laptopReplica.vectors)
        #expect(exchange.progress.count { $0 == .synchronized } == 4)
        #expect(exchange.framesLater.map(\.from.rawValue.first) == ["i", "i", "i", "r", "r"])
    }

    @Test("Generated streams that are refused are what is said to be wrong with them")
    func generatedRejections() throws {
        let generated = try RejectedStreams.all()
        #expect(Set(generated.map(\.name)).count == generated.count)
        if ProcessInfo.processInfo.environment["CARAVAN_RECORD"] == "1" {
            for vector in generated { try VectorFiles.save(vector) }
        }
        let recorded = try VectorFiles.load(RejectedVector.self, from: VectorFiles.rejectedFolder)
        for vector in generated {
            let file = try #require(recorded.first { $0.name == vector.name })
            // How zeros are compressed is the matter of a library.
            guard vector.name != "zstd-bomb" else { continue }
            #expect(file == vector, "\(vector.name)")
        }
        #expect(recorded.count { $0.origin == .generated } == generated.count)
    }

    @Test("Generated vectors are what the encoder makes")
    func generatedVectors() throws {
        let recorded = try VectorFiles.load(Vector.self, from: VectorFiles.folder)
        for vector in try GeneratedVectors.all() {
            if ProcessInfo.processInfo.environment["CARAVAN_RECORD"] == "1" {
                try VectorFiles.save(vector)
            } else {
                let file = try #require(recorded.first { $0.name == vector.name })
                #expect(file.frames.map(\.message) == vector.frames.map(\.message))
                if vector.replay == .both {
                    #expect(file.frames.map(\.hex) == vector.frames.map(\.hex))
                }
            }
        }
        #expect(recorded.count { $0.origin == .generated } == (try GeneratedVectors.all().count))
    }
}
