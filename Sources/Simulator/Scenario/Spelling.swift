/// Finds the word that was probably meant.
enum Spelling {
    /// Returns `; did you mean 'x'?` for the nearest candidate, or `; known: a, b, c` where none is
    /// near, the first twelve of them.
    static func hint(for word: String, among candidates: [String]) -> String {
        if let nearest = nearest(to: word, among: candidates) {
            return "; did you mean '\(nearest)'?"
        }
        guard !candidates.isEmpty else { return "" }
        let more = candidates.count > 12 ? ", …" : ""
        return "; known: " + candidates.prefix(12).joined(separator: ", ") + more
    }

    /// The first of the candidates with the fewest changed letters, if they are few for the word.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        guard word.count <= 64 else { return nil }
        let limit = word.count <= 3 ? 1 : max(2, word.count / 3)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(Array(word.lowercased()), Array(candidate.lowercased()))
            guard distance <= limit, distance < best?.distance ?? .max else { continue }
            best = (candidate, distance)
        }
        return best?.candidate
    }

    /// Levenshtein's distance: insertions, deletions and replacements of one letter.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
