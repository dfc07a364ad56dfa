/// Random worlds in which an app is used, one for each seed.
///
/// Stores, sessions, codec and compression are those of the product, on disks in memory that tear,
/// lose and flip what was written, over connections that are cut, cross each other or stand still,
/// by clocks that jump. A world takes some hundredths of a second for a device and a day.
///
/// ```swift
/// @Test("shopping lists hold", arguments: UInt64(0)..<100)
/// func hold(seed: UInt64) throws {
///     let result = try Swarm(Shopping()).run(seed: seed)
///     #expect(result.violation == nil, "\(result)")
/// }
/// ```
///
/// A seed is all that is needed to see a failure again, with all that happens:
///
/// ```swift
/// try Swarm(Shopping()).run(seed: 17) { print($0, $1) }
/// ```
public struct Swarm<App: SwarmApp>: Sendable {
    private let app: AnySwarmApp
    private let faults: Set<FaultClass>

    /// Prepares worlds for an app.
    ///
    /// - Parameters:
    ///   - app: The app.
    ///   - faults: What may go wrong; each seed has about half of it. With none devices merely
    ///     meet now and then.
    /// - Throws: `StoreError` if no replica can be made with the app's schema.
    public init(_ app: App, faults: Set<FaultClass> = Set(FaultClass.allCases)) throws {
        self.app = try AnySwarmApp(app)
        self.faults = faults
    }

    /// Runs the world of a seed.
    ///
    /// - Parameters:
    ///   - seed: Decides everything.
    ///   - narrate: Told of what happens, with the time since the beginning.
    /// - Returns: How it went.
    public func run(
        seed: UInt64, narrate: ((Duration, String) -> Void)? = nil
    ) -> SwarmResult {
        run(script(of: seed), narrate)
    }

    /// Runs a story, as ``shrink(seed:attemptsMax:)`` tells it.
    public func run(
        _ story: SwarmStory, narrate: ((Duration, String) -> Void)? = nil
    ) -> SwarmResult {
        run(story.script, narrate)
    }

    /// Runs seeds until one breaks a rule.
    ///
    /// - Returns: How that one went; nothing if none did.
    public func firstFailure(in seeds: Range<UInt64>) -> SwarmResult? {
        for seed in seeds {
            let result = run(seed: seed)
            if result.violation != nil { return result }
        }
        return nil
    }

    /// Makes the world of a seed that breaks a rule as small as it can: the fewest devices, events
    /// and faults that still break it.
    ///
    /// - Parameters:
    ///   - seed: One that fails.
    ///   - attemptsMax: How many smaller worlds are tried at most.
    /// - Returns: What is left; nothing if the seed breaks no rule.
    public func shrink(seed: UInt64, attemptsMax: Int = 2000) -> SwarmStory? {
        let run = { SwarmRun.run($0, app: app) }
        var shrinker = SwarmShrinker(script(of: seed), attemptsMax: attemptsMax, run: run)
        shrinker?.shrink()
        return shrinker.map { SwarmStory(script: $0.script) }
    }

    private func script(of seed: UInt64) -> SwarmScript {
        SwarmDraw.script(of: seed, faults: faults).withActions()
    }

    private func run(
        _ script: SwarmScript, _ narrate: ((Duration, String) -> Void)?
    ) -> SwarmResult {
        SwarmResult(SwarmRun.run(script, app: app, narrate: narrate))
    }
}

/// A world in which few things happen: all that is left of one that broke a rule.
public struct SwarmStory: Sendable, CustomStringConvertible {
    let script: SwarmScript

    init(script: SwarmScript) { self.script = script }

    /// Reads a story that was written as ``description``.
    ///
    /// - Throws: `DecodingError` if it is none, ``SwarmFileError`` if it is of a later version.
    public init(_ text: String) throws { script = try SwarmFile.script(from: text) }

    /// How many things happen.
    public var events: Int { script.events.count }

    /// A file in which everything that happens has a line.
    public var description: String {
        do {
            return try SwarmFile.text(of: script, comments: [])
        } catch {
            return "\(script)"
        }
    }
}

/// How a world went.
public struct SwarmResult: Sendable, CustomStringConvertible {
    /// The seed of the world.
    public let seed: UInt64
    /// The first rule that was broken; nothing if all held.
    public let violation: Violation?
    /// Actions and other operations that were acknowledged.
    public let operations: Int
    /// Connections that were tried.
    public let sessions: Int
    /// For how many hours devices were running, all together.
    public let deviceHours: Double
    /// How often faults took effect.
    public let faults: [FaultClass: Int]
    /// A hash of all that happened: equal for two runs of one seed.
    public let traceHash: UInt64

    init(_ run: SwarmRun) {
        seed = run.seed
        violation = run.violation
        operations = run.operations
        sessions = run.sessions
        deviceHours = run.deviceHours
        faults = run.faults.byClass
        traceHash = run.traceHash
    }

    /// One line: what was broken, when, and by which seed.
    public var description: String {
        guard let violation else {
            return "seed \(seed): \(operations.counting("operation")), "
                + "\(sessions.counting("session")), all rules held"
        }
        return "seed \(seed), \(violation.rule.rawValue) at \(violation.at) s: "
            + violation.message
    }
}
