/// One place where a file breaks a rule of the style gate.
struct Violation: Equatable, CustomStringConvertible {
    /// The file, relative to the package root.
    let path: String
    /// The line, counted from 1; 0 when the whole file is meant.
    let line: Int
    let message: String

    var description: String {
        line == 0 ? "\(path): \(message)" : "\(path):\(line): \(message)"
    }
}

/// A file that may break one rule, and why.
struct Exemption {
    let path: String
    let reason: String
}
