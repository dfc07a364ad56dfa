import Testing

/// Reports each violation as an issue of its own, at the place of the calling test.
func expectNone(_ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation) {
    for violation in violations {
        Issue.record("\(violation)", sourceLocation: sourceLocation)
    }
}

/// The lines that a check finds fault with.
func lines(_ violations: [Violation]) -> [Int] { violations.map(\.line) }
