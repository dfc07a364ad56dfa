import Foundation

/// When one direction of a link can carry something, recorded or made up: a file in the format of
/// the Mahimahi emulator.
///
/// Each line is a time in milliseconds, not before that of the line above, at which 1,500 bytes may
/// pass. At the end it begins anew, as often as it is needed, so the last time is also the length
/// of the recording. It is held once in memory, four bytes for each line.
package final class LinkTrace: Sendable {
    /// What passes at one opportunity, in bytes.
    package static let opportunityBytes = 1500
    /// The most lines: an hour at 3 Mbit/s.
    package static let linesMax = 1_000_000
    static let fileBytesMax = 16 << 20

    /// The file, for reports.
    package let path: String
    /// The times of opportunities in milliseconds, ascending.
    let times: [UInt32]

    init(path: String, times: [UInt32]) {
        self.path = path
        self.times = times
    }

    /// How many opportunities there are until it begins anew.
    package var lineCount: Int { times.count }

    /// How long it is until it begins anew, in milliseconds, at least 1.
    var period: Int64 { max(1, Int64(times.last ?? 1)) }

    /// Reads the file that a node of a scenario names, relative to the scenario.
    static func load(namedBy node: ScenarioNode) throws(InputError) -> LinkTrace {
        let name = try node.line("the file of a trace", limit: 1024)
        let home = URL(filePath: node.file).deletingLastPathComponent()
        let url = name.hasPrefix("/") ? URL(filePath: name) : home.appending(path: name)
        let path = url.standardized.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            throw node.mistake("found no trace \(path)")
        }
        return try load(path: path)
    }

    /// Reads a file.
    ///
    /// - Throws: `InputError` for the first mistake, with its line.
    package static func load(path: String) throws(InputError) -> LinkTrace {
        try parse(try InputFile.bytes(ofFile: path, atMost: fileBytesMax), path: path)
    }

    /// Reads the bytes of a file, which errors and reports call `path`.
    static func parse(_ bytes: [UInt8], path: String) throws(InputError) -> LinkTrace {
        func mistake(_ line: Int, _ message: String) -> InputError {
            InputError(file: path, line: line, column: 1, message: message)
        }
        var times: [UInt32] = []
        for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false)
            .enumerated()
        {
            var text = Substring(String(decoding: line, as: UTF8.self))
            while text.last?.isWhitespace == true { text.removeLast() }
            if text.isEmpty { continue }
            guard let time = UInt32(text) else {
                throw mistake(
                    index + 1, "'\(text.prefix(40))' is not a time in whole milliseconds")
            }
            guard time >= times.last ?? 0 else {
                throw mistake(index + 1, "\(time) is before the time of the line above")
            }
            guard times.count < linesMax else {
                throw mistake(index + 1, "a trace has at most \(linesMax) lines")
            }
            times.append(time)
        }
        guard let last = times.last, last > 0 else {
            throw mistake(1, "a trace needs a time above zero, which is its length")
        }
        return LinkTrace(path: path, times: times)
    }
}

extension LinkTrace: Equatable {
    /// Whether two carry the same at the same times.
    package static func == (left: LinkTrace, right: LinkTrace) -> Bool {
        left.times == right.times
    }
}

/// How far one direction of a link has used what its trace offers.
///
/// What an opportunity has left is for bytes that are waiting by then; what nobody waits for is
/// lost.
package struct LinkTraceCursor: Sendable {
    private let trace: LinkTrace
    /// Of all opportunities since time zero, repetitions included, the one to look at next.
    private var next: Int64 = .min
    /// What is left of the one before.
    private var left = 0
    private var leftUntil: Int64 = .min

    /// Begins before everything.
    package init(_ trace: LinkTrace) { self.trace = trace }

    /// When the last of so many bytes leaves that are there at `now`; each call comes after the one
    /// before.
    package mutating func departure(of byteCount: Int, at now: Duration) -> Duration {
        let start = Int64(now.wholeMilliseconds)
        var missing = byteCount
        if leftUntil < start {
            next = max(next, first(notBefore: start))
            left = 0
        }
        var at = max(start, leftUntil)
        let taken = min(left, missing)
        left -= taken
        missing -= taken
        while missing > 0 {
            at = time(of: next)
            next += 1
            left = max(0, LinkTrace.opportunityBytes - missing)
            missing -= LinkTrace.opportunityBytes
            leftUntil = at
        }
        return max(now, .milliseconds(at))
    }

    private var count: Int64 { Int64(trace.times.count) }

    private func time(of number: Int64) -> Int64 {
        let round = floorDivided(number, by: count)
        return round * trace.period + Int64(trace.times[Int(number - round * count)])
    }

    /// The first opportunity at or after a time.
    private func first(notBefore time: Int64) -> Int64 {
        let round = floorDivided(time, by: trace.period)
        let rest = time - round * trace.period
        var (low, high) = (0, trace.times.count)
        while low < high {
            let middle = (low + high) / 2
            if Int64(trace.times[middle]) < rest { low = middle + 1 } else { high = middle }
        }
        return round * count + Int64(low)
    }

    private func floorDivided(_ value: Int64, by divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }
}
