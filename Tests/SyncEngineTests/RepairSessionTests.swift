import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

/// Replicas that have seen the same, and of which a disk has damaged one or both.
@Suite("A session between replicas that hold different cells") struct RepairSessionTests {
    private let limits = SessionLimits()

    private func replicas(cells: UInt64) throws -> (ModelReplica, ModelReplica) {
        let one = ModelReplica(1)
        for number in 0..<cells {
            try one.write(
                CellDraft(
                    key: CellKey(
                        lane: Lane.all[Int(number % 3)], collection: CollectionID(rawValue: 1024),
                        row: [UInt8(number % 251), UInt8(number / 251)],
                        field: FieldID(rawValue: 1)),
                    kind: .register, value: CellValue.integer(Int64(number)).encoded))
        }
        let other = ModelReplica(2)
        for lane in Lane.all {
            _ = try other.apply(one.segment(of: lane, since: VersionVector()))
        }
        return (one, other)
    }

    private func met(_ one: ModelReplica, _ other: ModelReplica) -> PairHarness {
        let pair = PairHarness(one, other)
        pair.connect()
        pair.runUntilIdle()
        return pair
    }

    private func divergences(_ pair: PairHarness, _ side: PairHarness.Side) -> [Divergence] {
        pair[side].reports.compactMap { if case .diverged(let it) = $0 { it } else { nil } }
    }

    @Test func equalReplicasHaveNothingToRepair() throws {
        let (one, other) = try replicas(cells: 50)
        let pair = met(one, other)
        for side in PairHarness.Side.allCases {
            #expect(divergences(pair, side).isEmpty)
            #expect(pair[side].reports.contains(.synchronized))
        }
    }

    @Test(arguments: [1, 3, 40, 700], [PairHarness.Side.initiator, .responder])
    func whatOneHasLostComesBack(count: Int, side: PairHarness.Side) throws {
        let (one, other) = try replicas(cells: 1_000)
        let whole = one.digest
        let damaged = side == .initiator ? one : other
        for cell in damaged.sortedCells.prefix(count) { damaged.damage(cell.key, to: nil) }
        let pair = met(one, other)
        #expect(one.digest == whole && other.digest == whole)
        #expect(divergences(pair, side) == [.found, .repaired(cells: count)])
        #expect(divergences(pair, side.other) == [.found, .repaired(cells: 0)])
        #expect(pair.synchronizedReports(of: side) == 1)
    }

    @Test func aStateThatBothRememberHidesNoDamage() throws {
        let (one, other) = try replicas(cells: 60)
        let common = one.summary()
        one.damage(one.sortedCells[7].key, to: nil)
        let pair = PairHarness(one, other)
        for side in PairHarness.Side.allCases { pair[side].facts.common = [common] }
        pair.connect()
        pair.runUntilIdle()
        #expect(divergences(pair, .initiator) == [.found, .repaired(cells: 1)])
        #expect(one.digest == other.digest)
    }

    @Test func eachKeepsWhatOnlyItHad() throws {
        let (one, other) = try replicas(cells: 300)
        let whole = one.digest
        for cell in one.sortedCells.prefix(20) { one.damage(cell.key, to: nil) }
        for cell in other.sortedCells.suffix(30) { other.damage(cell.key, to: nil) }
        _ = met(one, other)
        #expect(one.digest == whole && other.digest == whole)
    }

    @Test func ofTwoContentsOfOneWriteBothKeepTheSame() throws {
        let (one, other) = try replicas(cells: 100)
        for (index, cell) in one.sortedCells.prefix(10).enumerated() {
            let value = CellValue.text("bit rot \(index)").encoded
            one.damage(
                cell.key,
                to: Cell(
                    key: cell.key, kind: cell.kind, dot: cell.dot, timestamp: cell.timestamp,
                    causalLength: cell.causalLength, value: value))
        }
        let pair = met(one, other)
        #expect(one.digest == other.digest)
        #expect(divergences(pair, .initiator).count == 2)
    }

    @Test func aRowThatOnlyOneHasDeletedIsDeletedForBoth() throws {
        let (one, other) = try replicas(cells: 10)
        let key = CellKey(
            lane: .settings, collection: CollectionID(rawValue: 1025), row: [7], field: .row)
        try one.write(CellDraft(key: key, kind: .row, causalLength: 1))
        let alive = try #require(one.cells[key])
        try one.write(CellDraft(key: key, kind: .row, causalLength: 2))
        _ = try other.apply(one.segment(of: .settings, since: other.vectors[.settings]))
        other.damage(key, to: alive)
        _ = met(one, other)
        #expect(other.cells[key]?.causalLength == 2)
        #expect(one.cells[key]?.causalLength == 2)
    }

    @Test func oneRoundTripIsEnoughForAFewDifferences() throws {
        let (one, other) = try replicas(cells: 5_000)
        one.damage(one.sortedCells[17].key, to: nil)
        other.damage(other.sortedCells[4_000].key, to: nil)
        let pair = met(one, other)
        let steps = PairHarness.Side.allCases.map { side in
            pair[side].sent.count { if case .repair = $0 { true } else { false } }
        }
        #expect(steps == [2, 2])
        #expect(one.digest == other.digest)
    }

    @Test func tooManyDifferencesAreSaidAndNotMended() throws {
        var limits = SessionLimits()
        limits.sketch = SketchLimits(symbolsMax: 64, differencesMax: 32)
        let (one, other) = try replicas(cells: 400)
        for cell in one.sortedCells.prefix(200) { one.damage(cell.key, to: nil) }
        let pair = PairHarness(one, other, limits: limits)
        pair.connect()
        pair.runUntilIdle()
        for side in PairHarness.Side.allCases {
            let found = divergences(pair, side)
            #expect(found.count == 2 && found.first == .found)
            guard case .notRepaired? = found.last else {
                Issue.record("\(found)")
                continue
            }
        }
    }

    @Test func aPeerThatCannotIsLeftAlone() throws {
        let (one, other) = try replicas(cells: 10)
        one.damage(one.sortedCells[0].key, to: nil)
        var session = SyncSession(
            role: .initiator,
            identity: Preamble(
                capabilities: .own, fleet: .numbered(1), device: one.device))
        let start = MonotonicTime(sinceStart: .zero)
        _ = session.handle(.connected, at: start)
        _ = session.handle(.gathered(GreetingFacts(summary: one.summary())), at: start)
        let peer = Preamble(fleet: .numbered(1), device: other.device)
        _ = session.handle(.received(.preamble(peer)), at: start)
        let hello = Hello(other.summary(), reference: .greeting, tellsDigest: true)
        #expect(!session.handle(.received(.hello(hello)), at: start).contains(.listCells))
    }

    @Test(arguments: [
        RepairMessage.symbols([]), .more(upTo: 64), .part([]), .difference([], wanted: []),
        .cells([]), .sketch(key: 1, []),
    ])
    func aStepOutOfTurnIsRefused(step: RepairMessage) throws {
        let (one, other) = try replicas(cells: 3)
        let pair = met(one, other)
        pair.handle(.received(.repair(step)), on: .responder)
        guard case .refused(let refusal)? = pair[.responder].closeReason else {
            Issue.record("\(step) was taken")
            return
        }
        #expect(refusal.code == .outOfOrder)
    }
}
