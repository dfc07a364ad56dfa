import Caravan
import Foundation

/// The replica of a node, in terms of what nodes store.
enum NodeReplica {
    /// Something to add.
    enum Addition: Sendable {
        case element(String)
        case delta(Int64)
    }

    /// The nodes cannot agree on a fleet before they talk: all are of this one.
    private static let fleet = FleetID(bytes: Array("caravan-sim node".utf8))

    private static func configuration() throws -> Replica.Configuration {
        var configuration = Replica.Configuration()
        configuration.schema = try Schema.fleet.adding(NodeElements.self).adding(NodeCounter.self)
        configuration.lostValues = .keep(0)
        return configuration
    }

    /// Opens the replica of a node, or makes it.
    static func open(_ name: String, in folder: String?) async throws -> Replica {
        let configuration = try configuration()
        guard let folder else {
            return try await Replica.inMemory(
                fleet: fleet, name: label(name), deviceClass: .other, configuration: configuration)
        }
        let place = folder + "/" + label(name)
        do {
            return try Replica.open(at: place, configuration: configuration)
        } catch let error as StoreError {
            guard error.code == .notFound else { throw error }
        }
        return try await Replica.create(
            at: place, fleet: fleet, name: label(name), deviceClass: .other,
            configuration: configuration)
    }

    /// The name without what a path or a device's name could not hold.
    private static func label(_ name: String) -> String {
        let kept = name.unicodeScalars.map {
            $0.properties.isAlphabetic || $0 == "-" || ("0"..."9").contains($0)
                ? Character($0) : "_"
        }
        return kept.isEmpty ? "node" : String(kept.prefix(60))
    }

    /// Writes additions in one transaction, durable on return.
    static func write(_ additions: [Addition], to replica: Replica) async throws {
        try await replica.write { fleet in
            for addition in additions {
                switch addition {
                case .element(let text):
                    try fleet.cells.add(true, to: NodeElements.isThere, of: text)
                case .delta(let delta):
                    try fleet.cells.increment(
                        NodeCounter.balance, of: OnlyRow(), by: delta)
                }
            }
        }
    }

    /// All elements, as JSON.
    static func elements(of replica: Replica) async throws -> Set<String> {
        try await replica.read { fleet in
            Set(try fleet.cells.rows(of: NodeElements.self).map(\.key))
        }
    }

    static func balance(of replica: Replica) async throws -> Int64 {
        try await replica.read { try $0.cells.value(NodeCounter.balance, of: OnlyRow()) }
    }

    /// What a replica stores, if that can be told.
    static func workload(of replica: Replica) async throws -> NodeWorkload? {
        try await replica.read { fleet in
            if try fleet.cells.rows(of: NodeCounter.self).isEmpty == false { return .signedCounter }
            return try fleet.cells.rows(of: NodeElements.self).isEmpty ? nil : .growOnlySet
        }
    }
}
