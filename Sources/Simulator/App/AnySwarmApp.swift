import FleetModel
import ReplicaModel
import ReplicaStore

/// An app of which a world need not know what its actions are.
struct AnySwarmApp: Sendable {
    let environment: SwarmEnvironment
    /// Does something that the seed decides.
    let act: @Sendable (UInt64, FleetChanges<StoreTransaction>) throws -> (any Sendable)?
    /// What is wrong with a replica that has seen these deeds.
    let mistakes: @Sendable (StoreSnapshot, [SwarmDeed], Bool) throws -> [String]

    /// Makes the replicas that its worlds begin with.
    ///
    /// - Throws: `StoreError` if the views of its collections cannot be made.
    init<App: SwarmApp>(_ app: App) throws {
        environment = try SwarmEnvironment(schema: app.schema)
        act = { seed, fleet in
            var random = SeededRandom(seed: seed)
            return try app.act(on: fleet, &random)
        }
        mistakes = { snapshot, deeds, mayEndRows in
            let actions = deeds.compactMap { deed -> SwarmAction<App.Action>? in
                guard case .action(let action)? = deed.effects.first,
                    let action = action as? App.Action
                else { return nil }
                return SwarmAction(action, deed)
            }
            return try app.mistakes(
                in: FleetView(snapshot),
                having: SwarmHistory(actions: actions, mayEndRestoredRows: mayEndRows))
        }
    }
}

extension SwarmScript {
    /// The same world for an app: where people did something, they do something with the app.
    ///
    /// What belongs to a fault stays: the change of a billing period, and what a later version
    /// writes.
    func withActions() -> SwarmScript {
        var script = self
        let random = SeededRandom(seed: seed)
        for index in script.events.indices {
            guard case .operate(let seat, let operation) = script.events[index].kind else {
                continue
            }
            switch operation {
            case .setPeriod, .later: continue
            default:
                var own = random.fork(label: "action \(index)")
                script.events[index].kind = .operate(
                    seat: seat, operation: .app(seed: own.next()))
            }
        }
        return script
    }
}
