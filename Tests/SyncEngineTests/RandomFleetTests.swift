import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import Testing

/// Four replicas that write, meet, are cut off and restored from backups at random; then the fleet
/// heals and has to converge.
///
/// After every event each replica that changed holds exactly what the history says of its vector
/// (I1), the order of writes is kept (I2, I3), and every segment is applied with the base that its
/// sender used.
@Suite struct RandomFleetTests {
    @Test(arguments: 0..<20)
    func anyFleetConvergesAndLosesNothing(batch: UInt64) {
        for seed in (1...150).map({ Seed(batch * 150 + $0) }) {
            do {
                var run = RandomRun(seed)
                for _ in 0..<80 { try run.step() }
                try run.heal()
            } catch {
                Issue.record("\(seed): \(error)")
            }
        }
    }

    /// The same run twice: a failure can be replayed.
    @Test func aSeedNamesOneRun() throws {
        var runs = [RandomRun(Seed(5)), RandomRun(Seed(5))]
        for index in runs.indices {
            for _ in 0..<80 { try runs[index].step() }
            try runs[index].heal()
        }
        #expect(runs[0].fleet.history == runs[1].fleet.history)
        #expect(runs[0].fleet.history.writes.count > 10)
    }
}

/// One random run.
private struct RandomRun {
    struct Loss: Error, CustomStringConvertible {
        let description: String
    }

    let fleet = FleetHarness(count: 4)
    private var generator: SplitMix64
    private var backups: [Int: ModelReplica] = [:]
    private var lost: Set<ModelReplica.Write> = []
    private var nextWriter: UInt32 = 100

    init(_ seed: Seed) { generator = seed.generator }

    mutating func step() throws {
        switch generator.next() % 100 {
        case 0..<28: try write()
        case 28..<44: try connect()
        case 44..<84: try deliver()
        case 84..<90: try fleet.advance(by: .milliseconds(generator.pick([1, 50, 250, 500])))
        case 90: try fleet.advance(by: .seconds(31))
        case 91..<95:
            if !fleet.links.isEmpty { fleet.cut(pickIndex(of: fleet.links.count)) }
        case 95..<97:
            let place = pickIndex(of: 4)
            backups[place] = fleet.replicas[place].copy()
        default: restore()
        }
    }

    /// Connects all in a line, and expects that they then hold all that nobody had to lose.
    mutating func heal() throws {
        fleet.cutAll()
        for place in 0..<3 { try fleet.connect(place, place + 1) }
        try fleet.settle()
        try fleet.history.checkConverged(fleet.replicas)
        let vectors = fleet.replicas[0].vectors
        for write in fleet.history.writes where !lost.contains(write) {
            guard vectors[write.cell.key.lane].contains(write.cell.dot) else {
                throw Loss(description: "\(write.cell.dot) is gone")
            }
        }
        for link in fleet.links {
            for side in PairHarness.Side.allCases where link.pair.synchronizedReports(of: side) != 1
            {
                throw Loss(description: "a side reported \(link.pair[side].reports)")
            }
        }
    }

    private mutating func write() throws {
        let place = pickIndex(of: 4)
        let row = UInt8(generator.next() % 2)
        let number = generator.next() % 1000
        let choice = generator.next() % 10
        try fleet.write(at: place) { replica in
            replica.now = WallTime(milliseconds: Int64(number))
            let field = CellKey.field(UInt32(1 + number % 2), ofRow: row)
            let fact = CellKey.entry(UInt8(number % 3), in: .control)
            switch choice {
            case 0..<3: try replica.toggleRow(field)
            case 3..<6 where replica.isLive(rowOf: field):
                try replica.setField(field, to: .integer(Int64(number)))
            case 6 where replica.cells[fact] == nil: try replica.state(.bool(true), at: fact)
            case 7: try replica.setField(.field(1, ofRow: 9, in: .control), to: .text("\(number)"))
            default: try replica.count(number + 1, at: .entry(row))
            }
        }
    }

    private mutating func connect() throws {
        let first = pickIndex(of: 4)
        let second = (first + 1 + pickIndex(of: 3)) % 4
        if !fleet.isConnected(first, second) { try fleet.connect(first, second) }
    }

    private mutating func deliver() throws {
        guard !fleet.links.isEmpty else { return }
        let index = pickIndex(of: fleet.links.count)
        let side = generator.pick(PairHarness.Side.allCases)
        for _ in 0...generator.next() % 6 {
            // Delivering may end a session, and with it a link.
            guard index < fleet.links.count else { return }
            let drained: Bool? = generator.chance(20) ? generator.chance(50) : nil
            try fleet.deliver(index, to: side, drained: drained)
        }
    }

    private mutating func restore() {
        let place = pickIndex(of: 4)
        guard let backup = backups[place] else { return }
        let others = fleet.replicas.indices.filter { $0 != place }.map {
            fleet.replicas[$0].vectors
        }
        let known = others + [backup.vectors]
        for write in fleet.history.writes {
            let isKept = known.contains { $0[write.cell.key.lane].contains(write.cell.dot) }
            if !isKept { lost.insert(write) }
        }
        nextWriter += 1
        fleet.restore(place, to: backup, as: .numbered(nextWriter))
    }

    private mutating func pickIndex(of count: Int) -> Int {
        Int(generator.next() % UInt64(count))
    }
}
