package import PlantedBugs
import Synchronization

/// Plants mistakes in the product, one after the other, and counts the seeds until each is found.
///
/// A judge that finds nothing is worth nothing. While it hunts, the whole process is mistaken:
/// nothing else may run in it.
package struct MutantHunt: Sendable {
    /// What became of one mistake.
    package struct Finding: Sendable {
        package let bug: PlantedBug
        /// How many seeds were run until it was found; all that were allowed if it was not.
        package let seeds: Int
        /// What was noticed; nothing if nothing was.
        package let violation: Violation?

        package var isCaught: Bool { violation != nil }
    }

    /// The first seed.
    package var firstSeed: UInt64
    /// How many seeds each mistake gets.
    package var seedsMax: UInt64
    /// How many seeds run at once.
    package var jobs: Int

    package init(firstSeed: UInt64 = 0, seedsMax: UInt64 = 5000, jobs: Int = 1) {
        self.firstSeed = firstSeed
        self.seedsMax = seedsMax
        self.jobs = jobs
    }

    /// Hunts one mistake.
    package func hunt(_ bug: PlantedBug) async -> Finding {
        PlantedBug.plant(bug)
        defer { PlantedBug.plant(nil) }
        var options = SwarmSweep.Options(seeds: firstSeed..<firstSeed + seedsMax)
        options.jobs = jobs
        options.failuresMax = 1
        let sweep = SwarmSweep(options)
        await sweep.run()
        // Several threads may have found something: what counts is the least seed.
        let first = sweep.report.failures.min { $0.seed < $1.seed }
        return Finding(
            bug: bug, seeds: first.map { Int($0.seed - firstSeed) + 1 } ?? Int(seedsMax),
            violation: first?.violation)
    }

    /// Runs seeds with nothing planted: what is noticed then is a mistake of the judge, and the
    /// findings are worth nothing.
    ///
    /// - Parameter seeds: How many, from the first one on.
    /// - Returns: What was noticed; nothing if the judge is right.
    package func control(seeds: Int) async -> [SweepReport.Failure] {
        PlantedBug.plant(nil)
        var options = SwarmSweep.Options(seeds: firstSeed..<firstSeed + UInt64(max(1, seeds)))
        options.jobs = jobs
        let sweep = SwarmSweep(options)
        await sweep.run()
        return sweep.report.failures
    }

    /// The seeds that half of the mistakes needed at most.
    package static func median(of findings: [Finding]) -> Double {
        let seeds = findings.map(\.seeds).sorted()
        guard !seeds.isEmpty else { return 0 }
        let middle = seeds.count / 2
        return seeds.count.isMultiple(of: 2)
            ? Double(seeds[middle - 1] + seeds[middle]) / 2 : Double(seeds[middle])
    }
}
