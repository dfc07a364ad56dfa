extension Scenario {
    /// The largest scenario file, in bytes: far above a thousand devices with a long timeline.
    package static let fileBytesMax = 8 << 20

    /// Reads and checks a scenario file.
    ///
    /// Data of a trip is looked for where `trip.data` says, else in `data/` beside the file, else
    /// in `Simulations/data/` below the current directory.
    ///
    /// - Throws: `InputError` for the first mistake in the file, with its line and column.
    public static func load(path: String) throws(InputError) -> Scenario {
        try parse(try text(ofFile: path), file: path)
    }

    /// Reads the text of a file; it has a limit, and has to be UTF-8.
    package static func text(
        ofFile path: String, atMost limit: Int = Scenario.fileBytesMax
    ) throws(InputError) -> String {
        let bytes = try InputFile.bytes(ofFile: path, atMost: limit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InputError(
                file: path, line: lineOfInvalidText(in: bytes), column: 1,
                message: "the text is not UTF-8")
        }
        return text
    }

    /// Reads and checks the text of a scenario; `file` names it and is where data is looked for.
    ///
    /// - Throws: `InputError` for the first mistake in the text, with its line and column.
    public static func parse(_ text: String, file: String) throws(InputError) -> Scenario {
        let mistakes = ScenarioMistakes()
        let scenario = read(text, file: file, mistakes)
        if let first = mistakes.all.first { throw first }
        guard let scenario else {
            throw InputError(file: file, line: 1, column: 1, message: "no scenario")
        }
        return scenario
    }

    /// Every mistake in the text of a scenario, by place; nothing runs.
    ///
    /// Of one device, profile or step the first mistake is reported, and every unknown key.
    /// Whether steps fit each other is looked at once all else is right.
    package static func mistakes(in text: String, file: String) -> [InputError] {
        let mistakes = ScenarioMistakes()
        _ = read(text, file: file, mistakes)
        return mistakes.all
    }

    /// The scenario as far as it can be read: with mistakes, it is not to be used.
    private static func read(
        _ text: String, file: String, _ mistakes: ScenarioMistakes
    ) -> Scenario? {
        // A byte order mark is legal in UTF-8 and no part of the first key.
        let yaml = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        let scenario = mistakes.attempt { () throws(InputError) in
            let document = try ScenarioNode.compose(yaml, file: file, mistakes: mistakes)
            let root = try document.mapping("the scenario", keys: ScenarioKeys.root)
            return try ScenarioReader(root: root).read()
        }
        return scenario
    }

    /// The first line which is not UTF-8, from 1.
    private static func lineOfInvalidText(in bytes: [UInt8]) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        return (index ?? 0) + 1
    }
}
