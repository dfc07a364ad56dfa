import CausalTime
import ReplicaModel

/// Watches that nothing may be forgotten anywhere that some device has not seen.
///
/// A replica says itself up to where it may forget; what each device has seen the oracle knows.
/// A device that joins has not seen what was forgotten before, so the watch begins once everyone
/// knows of everyone and nobody lacks anything. Whoever is given up, restored or copied ends it.
struct FrontierWatch {
    /// The writes by which devices joined, by their seats.
    private var joins: [Dot] = []
    private var frontiers: [LaneVectors] = []
    private var isOn = false

    /// How many seats have joined; they are the first ones.
    var seats: Int { joins.count }

    mutating func joined(at dot: Dot) {
        joins.append(dot)
        frontiers.append(LaneVectors())
        isOn = false
    }

    /// Takes note of how far a seat may forget.
    ///
    /// - Parameters:
    ///   - seat: One that has joined.
    ///   - frontier: What it says.
    ///   - seen: What each seat has seen; asked only if it matters.
    /// - Returns: A seat that has not seen all of that.
    mutating func unseen(
        at seat: Int, upTo frontier: LaneVectors, by seen: () -> [LaneVectors]
    ) -> Int? {
        guard frontiers.indices.contains(seat), !isOn || frontiers[seat] != frontier else {
            return nil
        }
        frontiers[seat] = frontier
        let seen = seen()
        if isOn { return seen.indices.first { !seen[$0].dominates(frontier) } }
        isOn = seen.allSatisfy { vectors in
            joins.allSatisfy { vectors[.control].contains($0) }
                && frontiers.allSatisfy { vectors.dominates($0) }
        }
        return nil
    }
}
