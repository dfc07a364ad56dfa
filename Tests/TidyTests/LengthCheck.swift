/// Keeps files, functions and lines short.
enum LengthCheck {
    static let sourceLinesMax = 600
    static let testLinesMax = 800
    static let functionLinesMax = 70
    static let columnsMax = 100

    static func fileViolations(in file: TextFile) -> [Violation] {
        let limit = file.isBelow("Tests") ? testLinesMax : sourceLinesMax
        let lines = file.text.utf8.count { $0 == UInt8(ascii: "\n") }
        guard isProgram(file), lines > limit else { return [] }
        return [file.violation("\(lines) lines, \(limit) is the limit: split it by capability")]
    }

    /// Lines that are too wide, leaving out those with an address, which cannot be broken.
    static func lineViolations(in file: TextFile) -> [Violation] {
        guard isProgram(file) || isScript(file) else { return [] }
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            // Counting bytes first is fast, and no line has fewer bytes than characters.
            guard line.utf8.count > columnsMax, line.count > columnsMax, !line.contains("://")
            else { return nil }
            let message = "\(line.count) columns, \(columnsMax) is the limit"
            return file.violation(line: index + 1, message)
        }
    }

    /// Functions and initializers that are too long, from their keyword to their closing brace.
    static func functionViolations(in file: TextFile) -> [Violation] {
        guard file.isSwift else { return [] }
        let code = SwiftSource(file.text).code
        return ["func", "init", "deinit", "subscript"].flatMap { keyword in
            code.offsets(ofToken: keyword).compactMap { offset in
                guard let opening = body(from: offset + keyword.utf8.count, in: code),
                    let closing = code.closing(of: opening)
                else { return nil }
                let first = code.line(at: offset)
                let lines = code.line(at: closing) - first + 1
                guard lines > functionLinesMax else { return nil }
                let message = "a function of \(lines) lines, \(functionLinesMax) is the limit"
                return file.violation(line: first, message)
            }
        }.sorted { $0.line < $1.line }
    }

    private static func isProgram(_ file: TextFile) -> Bool {
        [".swift", ".c", ".h"].contains { file.path.hasSuffix($0) }
    }

    private static func isScript(_ file: TextFile) -> Bool {
        file.path.hasSuffix(".sh") || file.name == "Makefile" || file.isBelow(".ci")
    }

    /// The brace that opens the body of a declaration, or nil for a requirement without one.
    private static func body(from start: Int, in code: ByteText) -> Int? {
        var depth = 0
        var offset = start
        while offset < code.bytes.count {
            switch code.bytes[offset] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return offset
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "\n") where depth == 0:
                guard let next = code.firstSolid(from: offset), continuesSignature(next, in: code)
                else { return nil }
                offset = next - 1
            default: break
            }
            if depth < 0 { return nil }
            offset += 1
        }
        return nil
    }

    /// Whether what stands at the start of a line still belongs to the signature above.
    private static func continuesSignature(_ offset: Int, in code: ByteText) -> Bool {
        let word = code.text(offset..<min(offset + 8, code.bytes.count)).prefix { $0.isLetter }
        guard word.isEmpty else { return ["async", "rethrows", "throws", "where"].contains(word) }
        return [UInt8(ascii: "{"), UInt8(ascii: "-"), UInt8(ascii: "(")]
            .contains(code.bytes[offset])
    }
}
