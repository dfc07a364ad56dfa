/// Collects the mistakes of one file, so that its reader can go on behind each of them.
final class ScenarioMistakes {
    private var found: [InputError] = []

    /// No mistakes yet.
    init() {}

    /// How many there are so far.
    var count: Int { found.count }

    /// All of them by place, each once.
    var all: [InputError] {
        found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// Takes note of a mistake; one that is known already is not counted again.
    func note(_ mistake: InputError) {
        if !found.contains(mistake) { found.append(mistake) }
    }

    /// Reads something; where that is not possible, takes note of the reason.
    func attempt<Value>(_ read: () throws(InputError) -> Value) -> Value? {
        do {
            return try read()
        } catch {
            note(error)
            return nil
        }
    }
}
