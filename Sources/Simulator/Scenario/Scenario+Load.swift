import Foundation

extension Scenario {
    /// The largest scenario file, in bytes: far above a thousand devices with a long timeline.
    private static let fileBytesMax = 8 << 20

    /// Reads and checks a scenario file.
    ///
    /// Data of a trip is looked for where `trip.data` says, else in `data/` beside the file, else
    /// in `Simulations/data/` below the current directory.
    ///
    /// - Throws: `InputError` for the first mistake found, with its line and column.
    public static func load(path: String) throws(InputError) -> Scenario {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(filePath: path))
        } catch {
            let reason = FileManager.default.fileExists(atPath: path) ? "" : ": no such file"
            throw InputError(
                file: path, line: 0, column: 0, message: "cannot be read\(reason)")
        }
        guard bytes.count <= fileBytesMax else {
            throw InputError(
                file: path, line: 0, column: 0, message: "is larger than \(fileBytesMax) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InputError(
                file: path, line: lineOfInvalidText(in: bytes), column: 1,
                message: "the text is not UTF-8")
        }
        return try parse(text, file: path)
    }

    /// Reads and checks the text of a scenario; `file` names it and is where data is looked for.
    ///
    /// - Throws: `InputError` for the first mistake found, with its line and column.
    public static func parse(_ text: String, file: String) throws(InputError) -> Scenario {
        // A byte order mark is legal in UTF-8 and no part of the first key.
        let yaml = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        let document = try ScenarioNode.compose(yaml, file: file)
        let root = try document.mapping("the scenario", keys: ScenarioReader.keys)
        return try ScenarioReader(root: root).read()
    }

    /// The first line which is not UTF-8, from 1.
    private static func lineOfInvalidText(in bytes: Data) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        return (index ?? 0) + 1
    }
}
