/// What is found, and done, about two replicas that have seen the same and hold different cells.
///
/// That must not be: one of the two has been damaged, or is at fault.
public enum Divergence: Hashable, Sendable {
    /// It has been noticed; a repair begins.
    case found
    /// The repair is over. It has changed so many cells here; the next greeting shows whether both
    /// are at one state now.
    case repaired(cells: Int)
    /// What differs could not be mended, and why.
    case notRepaired(String)
}

extension Divergence: CustomStringConvertible {
    /// One line for people, which follows the name of the peer.
    public var description: String {
        switch self {
        case .found: "has seen the same and holds other data: one of the two is damaged"
        case .repaired(1): "has shown what it holds; 1 cell was mended here"
        case .repaired(let cells): "has shown what it holds; \(cells) cells were mended here"
        case .notRepaired(let reason): "still holds other data: \(reason)"
        }
    }
}
