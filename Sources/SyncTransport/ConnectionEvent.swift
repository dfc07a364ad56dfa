package import CausalTime
package import ReplicaModel
package import SyncEngine

/// What happens to a connection, in this order: opened, greeted, then any of the middle ones, and
/// closed last and once.
package enum ConnectionEvent: Sendable {
    /// The transport is there.
    case opened(ConnectionHandle)
    /// The peer is of the same fleet and is this device.
    case greeted(DeviceID)
    /// A segment of the peer is durable here.
    case applied(lane: Lane, cells: Int)
    /// Both sides have what either had when they greeted.
    case synchronized
    /// Both sides have seen the same and hold different cells.
    case diverged(Divergence)
    /// What has passed since the connection was opened.
    case traffic(ConnectionTraffic)
    /// The connection is gone.
    case closed(ConnectionEnd)
}

/// Why a connection is gone.
package enum ConnectionEnd: Hashable, Sendable {
    /// The session ended it.
    case session(SyncSession.CloseReason)
    /// The other side or the system closed it; the system's reason, if it gave one.
    case disconnected(String?)
    /// It was closed from here.
    case closedHere

    /// One line for people.
    package var reason: String {
        switch self {
        case .session(.refused(let refusal)): "refused: \(refusal.text)"
        case .session(.refusedByPeer(let refusal)): "refused by the peer: \(refusal.text)"
        case .session(.timedOut(let text)): text
        case .session(.replicaFailed(let text)): "this replica failed: \(text)"
        case .disconnected(let text): text ?? "closed by the peer"
        case .closedHere: "closed"
        }
    }

    /// Whether either side let no more bytes pass.
    package var isBudgetSpent: Bool { code == .budgetSpent }

    /// The same as an error; `address` is where the peer is.
    package func error(at address: String) -> SyncError {
        SyncError(code, "\(address): \(reason)")
    }

    private var code: SyncError.Code {
        switch self {
        case .session(.refused(let refusal)): Self.code(of: refusal, otherwise: .refused)
        case .session(.refusedByPeer(let refusal)):
            Self.code(of: refusal, otherwise: .refusedByPeer)
        case .session(.timedOut): .timedOut
        case .session(.replicaFailed): .replicaFailed
        case .disconnected, .closedHere: .disconnected
        }
    }

    private static func code(
        of refusal: Refusal, otherwise code: SyncError.Code
    ) -> SyncError.Code {
        switch refusal.code {
        case .otherFleet: .otherFleet
        case .sameDevice: .sameDevice
        case .unsupportedVersion: .unsupportedVersion
        case .damaged: .damaged
        case .budgetSpent: .budgetSpent
        case .malformed where code == .refused: .notCaravan
        default: code
        }
    }
}
