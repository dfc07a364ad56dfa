import SharedExpenses
import Simulator
import Testing

/// The app's own data under everything that can go wrong with devices, disks and connections.
@Suite("Shared expenses")
struct SharedExpensesTests {
    @Test("are what everyone noted, whatever goes wrong", arguments: UInt64(0)..<40)
    func hold(seed: UInt64) throws {
        let result = try Swarm(ExpenseApp()).run(seed: seed)
        #expect(result.violation == nil, "\(result)")
    }

    @Test("are what everyone noted if nothing goes wrong", arguments: UInt64(0)..<10)
    func holdWithoutFaults(seed: UInt64) throws {
        let result = try Swarm(ExpenseApp(), faults: []).run(seed: seed)
        #expect(result.violation == nil, "\(result)")
        #expect(result.faults.values.allSatisfy { $0 == 0 })
        #expect(result.operations > 0)
    }

    @Test("see every class of faults")
    func everyClassOccurs() throws {
        let swarm = try Swarm(ExpenseApp())
        var seen: Set<FaultClass> = []
        for seed in UInt64(100)..<140 {
            seen.formUnion(swarm.run(seed: seed).faults.filter { $0.value > 0 }.keys)
        }
        #expect(seen == Set(FaultClass.allCases))
    }

    @Test("go the same way again for the same seed")
    func seedsDecideEverything() throws {
        let swarm = try Swarm(ExpenseApp())
        let hashes = (0..<2).map { _ in swarm.run(seed: 7).traceHash }
        #expect(hashes[0] == hashes[1])
        #expect(swarm.run(seed: 8).traceHash != hashes[0])
    }

    // A test that cannot fail proves nothing: here it is the app's author who is mistaken.
    @Test("tell when somebody expects a field to merge in another way, in a few lines")
    func mistakenExpectationsAreFound() throws {
        let mistaken = try Swarm(ExpenseApp(expecting: .laterWins))
        let failure = try #require(mistaken.firstFailure(in: 0..<100))
        #expect(failure.violation?.rule == .meaning, "\(failure)")

        let story = try #require(mistaken.shrink(seed: failure.seed))
        #expect(story.events <= 12, "\(story)")
        #expect(mistaken.run(story).violation != nil)
        // The same events are fine for who knows how the field merges.
        #expect(try Swarm(ExpenseApp()).run(story).violation == nil)
        // A story can be kept as a file.
        let read = try SwarmStory("\(story)")
        #expect(mistaken.run(read).violation?.message == mistaken.run(story).violation?.message)
    }
}
