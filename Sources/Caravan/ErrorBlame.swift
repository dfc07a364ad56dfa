import FleetModel
import ReplicaModel
import ReplicaStore
import SyncTransport

/// Who has to do something about an error.
package enum ErrorBlame: Hashable, Sendable {
    /// The caller asked for something that cannot be.
    case caller
    /// The disk, the network, a peer or another process.
    case environment

    /// Judges an error of this library; what is not one is not the caller's fault.
    package init(of error: any Error) {
        self =
            switch error {
            case is FleetError, is SchemaError: .caller
            case let error as StoreError:
                Self.mistakes.contains(error.code) ? .caller : .environment
            case let error as SyncError: Self.slips.contains(error.code) ? .caller : .environment
            default: .environment
            }
    }

    private static let mistakes: Set<StoreError.Code> = [
        .notFound, .alreadyExists, .notAReplica, .newerSchema,
    ]

    private static let slips: Set<SyncError.Code> = [
        .invalidAddress, .notLoopback, .otherFleet, .sameDevice,
    ]

    /// Whether another process holds the replica, so that it may be free a moment later.
    package static func isReplicaInUse(_ error: any Error) -> Bool {
        (error as? StoreError)?.code == .inUse
    }
}
