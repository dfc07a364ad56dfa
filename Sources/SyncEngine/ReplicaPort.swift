public import CausalTime
public import ReplicaModel

/// What a session needs of a replica.
///
/// Calls are synchronous and each is atomic.
public protocol ReplicaPort {
    /// How far the replica is, as of its last durable transaction.
    func summary() throws -> ReplicaSummary

    /// What a peer with the vector `base` lacks in `lane`, from one snapshot of durable state.
    func segment(of lane: Lane, since base: VersionVector) throws -> Segment

    /// Applies a whole segment in one transaction; durable on return.
    ///
    /// Nothing happens, and it throws, if the replica has not seen the segment's base.
    /// - Returns: How far the replica is then.
    func apply(_ segment: Segment) throws -> ReplicaSummary
}
