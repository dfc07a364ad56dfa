import CausalTime
import SyncTestKit
import Testing

@Suite struct VersionVectorTests {
    /// All vectors of three writers with sequences to 2.
    private let all: [VersionVector] = sequences(of: [0, 1, 2] as [UInt64], count: 3).map {
        .of((1, $0[0]), (2, $0[1]), (3, $0[2]))
    }

    @Test func mergingObeysTheLaws() throws {
        try checkMergeLaws(of: all) { $0.merging($1) }
    }

    @Test func mergingTakesTheHigherSequenceOfEveryWriter() {
        for left in all {
            for right in all {
                let merged = left.merging(right)
                for writer in (1...3).map({ WriterID.numbered($0) }) {
                    #expect(merged[writer] == max(left[writer], right[writer]))
                }
            }
        }
    }

    @Test func dominatingIsAPartialOrder() {
        for a in all {
            #expect(a.dominates(a))
            for b in all {
                if a.dominates(b), b.dominates(a) { #expect(a == b) }
                for c in all where a.dominates(b) && b.dominates(c) && !a.dominates(c) {
                    Issue.record("not transitive: \(a) \(b) \(c)")
                }
            }
        }
        #expect(!VersionVector.of((1, 1)).dominates(.of((2, 1))))
        #expect(!VersionVector.of((2, 1)).dominates(.of((1, 1))))
    }

    @Test func aMergeIsTheLeastVectorThatDominatesBoth() {
        for a in all {
            for b in all {
                let merged = a.merging(b)
                #expect(merged.dominates(a) && merged.dominates(b))
                for c in all where c.dominates(a) && c.dominates(b) && !c.dominates(merged) {
                    Issue.record("\(c) dominates \(a) and \(b), not \(merged)")
                }
            }
        }
    }

    @Test func entriesAboveAreWhatTheOtherVectorLacks() {
        for a in all {
            for b in all {
                let above = a.entries(above: b)
                #expect(above.isEmpty == b.dominates(a))
                for entry in above {
                    #expect(entry.sequence == a[entry.writer] && entry.sequence > b[entry.writer])
                }
                let added = b.merging(VersionVector(above.map { ($0.writer, $0.sequence) }))
                #expect(added == a.merging(b))
            }
        }
    }

    @Test func aDotIsContainedUpToItsWritersSequence() {
        let vector = VersionVector.of((1, 3), (5, 1))
        #expect(vector.contains(.at(1, 1)) && vector.contains(.at(1, 3)))
        #expect(!vector.contains(.at(1, 4)))
        #expect(!vector.contains(.at(2, 1)))
        #expect(vector.contains(.at(5, 1)))
    }

    @Test func aWriterAt0IsNoEntry() {
        #expect(VersionVector.of((1, 0), (2, 0)) == VersionVector())
        #expect(VersionVector.of((1, 0)).isEmpty)
        #expect(VersionVector.of((1, 2), (1, 5), (1, 3)) == .of((1, 5)))
    }

    /// The naive twin is a dictionary.
    @Test(arguments: Seed.first(50))
    func anySequenceOfOperationsGivesWhatADictionaryGives(seed: Seed) {
        var generator = seed.generator
        var vectors = [VersionVector(), VersionVector()]
        var twins: [[WriterID: UInt64]] = [[:], [:]]
        for _ in 0..<200 {
            let which = Int(generator.next() % 2)
            if generator.chance(10) {
                vectors[which].merge(vectors[1 - which])
                twins[which].merge(twins[1 - which]) { max($0, $1) }
            } else {
                let writer = WriterID.numbered(UInt32(generator.next() % 24))
                let sequence = generator.next() % 20
                vectors[which].raise(writer, to: sequence)
                if sequence > 0 { twins[which][writer] = max(twins[which][writer] ?? 0, sequence) }
            }
            #expect(vectors[which].isWellFormed, "\(seed)")
            #expect(vectors[which] == VersionVector(twins[which].map { ($0.key, $0.value) }))
            #expect(vectors[which].entries.count == twins[which].count, "\(seed)")
            for writer in (0..<24).map({ WriterID.numbered($0) }) {
                #expect(vectors[which][writer] == twins[which][writer] ?? 0, "\(seed)")
            }
        }
    }
}
