package import DeltaCRDT

/// A law that does not hold, with the states that show it.
package struct LawViolation: Error, CustomStringConvertible {
    package let law: String
    package let states: [String]

    package var description: String {
        law + " does not hold for\n" + states.map { "    " + $0 }.joined(separator: "\n")
    }
}

/// Checks that merging is commutative, associative and idempotent for all triples of `states`.
///
/// The laws are necessary and not enough; see ``Mergeable``. Cubic in the number of states.
package func checkMergeLaws<State: Mergeable>(of states: [State]) throws(LawViolation) {
    try checkMergeLaws(of: states) { $0.merging($1) }
}

/// The same for a type that merges but is not ``Mergeable``.
package func checkMergeLaws<State: Equatable>(
    of states: [State], merging merge: (State, State) -> State
) throws(LawViolation) {
    func violation(_ law: String, _ states: State...) -> LawViolation {
        LawViolation(law: law, states: states.map { String(describing: $0) })
    }
    for a in states {
        guard merge(a, a) == a else { throw violation("a ∪ a = a", a) }
        for b in states {
            let ab = merge(a, b)
            guard ab == merge(b, a) else { throw violation("a ∪ b = b ∪ a", a, b) }
            for c in states where merge(ab, c) != merge(a, merge(b, c)) {
                throw violation("(a ∪ b) ∪ c = a ∪ (b ∪ c)", a, b, c)
            }
        }
    }
}
