import FleetModel
public import ReplicaModel
import ReplicaStore

extension Replica {
    /// How a replica behaves.
    public struct Configuration: Sendable {
        /// What is done with values that lose against later ones or go with a deleted row.
        public enum LostValues: Hashable, Sendable {
            /// As many of the newest are kept, for people to see and restore.
            case keep(Int)
        }

        /// What is done with values that lose; by default the newest 256 are kept.
        public var lostValues: LostValues = .keep(256)
        /// The collections that have names: for views that any SQLite tool reads.
        public var schema: Schema = .fleet
        /// What the replica does by itself, so that its fleet can forget.
        public var upkeep = Upkeep()

        /// The usual configuration.
        public init() {}

        var options: ReplicaStore.Options {
            var options = ReplicaStore.Options()
            options.upkeep = upkeep
            options.domainUpkeep = { try FleetChanges($0).answerRequests(at: .now) }
            options.views = schema == .fleet ? Self.fleetViews : Self.views(of: schema)
            switch lostValues {
            case .keep(let count): options.lostValuesMax = max(0, count)
            }
            return options
        }

        /// Most replicas have these; making them takes as long as opening one.
        private static let fleetViews = views(of: .fleet)

        private static func views(of schema: Schema) -> [StoreView] {
            schema.collections.map(StoreView.init(of:)) + FleetViews.all
        }
    }
}

/// Opens the replica in a folder, and closes it when `body` returns or throws.
///
/// - Parameters:
///   - folder: Where the replica is; ``Replica/create(at:fleet:name:deviceClass:configuration:)``
///     makes one.
///   - configuration: How the replica behaves.
///   - body: Uses the replica, which must not be used afterwards.
/// - Returns: What `body` returned.
/// - Throws: `StoreError`, and whatever `body` throws.
public func withReplica<Result>(
    at folder: String, configuration: Replica.Configuration = Replica.Configuration(),
    _ body: (Replica) async throws -> Result
) async throws -> Result {
    let replica = try Replica.open(at: folder, configuration: configuration)
    var result: Result?
    // What goes wrong first is what the caller has to know.
    var failure: (any Error)?
    do { result = try await body(replica) } catch { failure = error }
    do { try await replica.close() } catch { failure = failure ?? error }
    guard let result, failure == nil else { throw failure ?? CancellationError() }
    return result
}
