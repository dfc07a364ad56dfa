public import ReplicaModel

/// What two replicas say to find and mend what differs although both have seen the same.
///
/// The side that has noticed sends a sketch of its cells, and more of it until the other side can
/// tell the two states apart. Then cells go to and fro, each time those that the other side has not
/// shown to have, until there are none.
public enum RepairMessage: Hashable, Sendable {
    /// The first symbols of the sender's sketch, and the key that it is made with.
    case sketch(key: UInt64, [CodedSymbol])
    /// The symbols that follow.
    case symbols([CodedSymbol])
    /// The sketch is wanted up to so many symbols in all.
    case more(upTo: Int)
    /// Cells that go before those of the next message of another kind.
    case part([Cell])
    /// What only the receiver of the sketch has, and the hashes of what only its sender has; both
    /// are empty if it cannot be found out.
    case difference([Cell], wanted: [UInt64])
    /// What the receiver has not shown to have; nothing ends the repair.
    case cells([Cell])
}
