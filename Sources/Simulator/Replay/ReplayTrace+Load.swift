extension ReplayTrace {
    /// The largest file: forty times the workloads of the sheet of costs.
    package static let fileBytesMax = 64 << 20

    /// Reads and checks a trace; it may come through a pipe.
    ///
    /// - Throws: `InputError` for the first mistake, with its line and column.
    package static func load(path: String) throws(InputError) -> ReplayTrace {
        try parse(try InputFile.bytes(ofFile: path, atMost: fileBytesMax), file: path)
    }

    /// Reads and checks the bytes of a trace; `file` is what errors call it.
    package static func parse(
        _ bytes: [UInt8], file: String
    ) throws(InputError) -> ReplayTrace {
        var trace: ReplayTrace?
        var links = TraceLinks()
        // One line after the other: the lines of the largest file, all at once, would be too much.
        var rest = bytes[...]
        var number = 0
        while !rest.isEmpty {
            number += 1
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(line.count + 1)
            do throws(TraceMistake) {
                guard number > 1 || !line.starts(with: byteOrderMark) else {
                    throw TraceMistake(
                        at: 0, "the file begins with a byte order mark; write it without one")
                }
                guard String(validating: line, as: UTF8.self) != nil else {
                    throw TraceMistake(at: 0, "the text is not UTF-8")
                }
                // A blank line, and the end of the file, say nothing.
                guard line.contains(where: { !isBlank($0) }) else { continue }
                let reader = try TraceLineReader(line, devices: trace?.devices)
                if trace == nil {
                    trace = try reader.header(file: file)
                } else {
                    let read = try reader.line(number: number)
                    try links.follow(read.operation)
                    trace?.lines.append(read)
                }
            } catch {
                let before = line.prefix(error.offset)
                let column = before.count { $0 & 0xc0 != 0x80 } + 1
                throw InputError(
                    file: file, line: number, column: column, message: error.message)
            }
        }
        guard let trace else {
            throw InputError(
                file: file, line: 1, column: 1,
                message: "is empty; a trace begins with {\"trace\": NAME, \"devices\": N}")
        }
        return trace
    }

    /// What some editors write before UTF-8.
    private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0d
    }
}

/// Which connections stay up while a trace is read.
private struct TraceLinks {
    private var open: Set<[Int]> = []

    mutating func follow(_ operation: ReplayTrace.Operation) throws(TraceMistake) {
        switch operation {
        case .open(let a, let b):
            guard open.insert([min(a, b), max(a, b)]).inserted else {
                throw TraceMistake(at: 0, "\(a) and \(b) are connected already; close that first")
            }
        case .close(let a, let b):
            guard open.remove([min(a, b), max(a, b)]) != nil else {
                throw TraceMistake(at: 0, "\(a) and \(b) have no open connection to close")
            }
        case .flush(let a, let b):
            guard open.contains([min(a, b), max(a, b)]) else {
                throw TraceMistake(at: 0, "\(a) and \(b) have no open connection; open one first")
            }
        default: break
        }
    }
}
