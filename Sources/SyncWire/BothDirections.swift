import CausalTime
package import ReplicaModel
import SyncEngine

/// What the two directions of a connection have in common, as one of its sides knows it.
package struct BothDirections: Sendable {
    /// The writers that either direction has named.
    package var writers = WriterTable()
    /// States that the peer may refer to: those at which both were, and our own.
    package var candidates: [ReplicaSummary] = []
    /// What every member has seen, as far as this side knows.
    package var ownFrontier = LaneVectors()
    /// Whether segments cannot be read until the peer greets again: its greeting was described
    /// against what is not known here, or announced what cannot be used.
    var isDeaf = false
    /// What each side has announced that it can do.
    var capabilities: [SyncSession.Role: Capabilities] = [:]
    /// What each side said of itself.
    var greetings: [SyncSession.Role: Greeting] = [:]
    /// The state of the outgoing check after our hello; 0 before.
    package var sentGreeting: UInt64 = 0
    /// The state of the incoming check after the peer's hello; 0 before.
    ///
    /// What answers a hello is no good for another one: it may name writers that the hello
    /// introduced, and which cells a segment has depends on what the hello said was there. So the
    /// checks of what may answer one depend on it. An initiator's first hello answers nothing, and
    /// neither do the segments that follow it at once: for those it counts as 0.
    package var readGreeting: UInt64 = 0

    /// Nothing has passed yet.
    package init() {}
}

extension SyncSession.Role {
    /// The role of the other side.
    var other: SyncSession.Role { self == .initiator ? .responder : .initiator }
}

extension MessageType {
    /// Whether a message answers the other side's hello, if there was one.
    var answersGreeting: Bool {
        switch self {
        case .hello, .chunk, .acknowledgement, .heartbeat, .repair: true
        case .preamble, .refusal: false
        }
    }
}
