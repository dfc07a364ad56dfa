import CausalTime
import ReplicaModel
import SyncEngine

extension WriterTable {
    /// Writes a set: the number of writers, then for each a reference, the number of its runs, and
    /// of each run the distance from the one before and how many more than one it has.
    mutating func write(
        _ dots: DotSet, by side: SyncSession.Role, to out: inout ByteWriter
    ) throws(BodyFault) {
        out.varint(UInt64(dots.entries.count))
        for entry in dots.entries {
            try write(entry.writer, by: side, to: &out)
            var next: UInt64 = 1
            out.varint(UInt64(entry.runs.count))
            for run in entry.runs {
                out.varint(run.lowerBound - next)
                out.varint(run.upperBound - run.lowerBound)
                next = run.upperBound + 2
            }
        }
    }

    /// Reads a set that was written by `side`.
    mutating func readDots(
        by side: SyncSession.Role, limits: SessionLimits, from reader: inout BodyReader
    ) throws(BodyFault) -> DotSet {
        let count = try reader.count(
            atMost: limits.vectorEntriesMax, of: "writers in a set of writes")
        var dots = DotSet()
        var left = UInt64(limits.stagedWritesMax)
        for _ in 0..<count {
            let writer = try read(by: side, from: &reader)
            let runs = try Self.readRuns(&left, from: &reader)
            guard dots.append(runs, of: writer) else {
                throw reader.fault("the writers of a set of writes are not ascending")
            }
        }
        return dots
    }

    private static func readRuns(
        _ left: inout UInt64, from reader: inout BodyReader
    ) throws(BodyFault) -> [ClosedRange<UInt64>] {
        let count = try reader.varint()
        guard count > 0, count <= UInt64(reader.remaining) else {
            throw reader.fault("\(count) runs in \(reader.remaining) bytes")
        }
        var runs: [ClosedRange<UInt64>] = []
        var next: UInt64 = 1
        for _ in 0..<count {
            let distance = try reader.varint()
            let more = try reader.varint()
            guard more < left else {
                throw reader.fault("too many writes in a set", code: .tooLarge)
            }
            left -= more + 1
            let (first, isBeyond) = next.addingReportingOverflow(distance)
            guard !isBeyond, first < UInt64.max - more - 2 else {
                throw reader.fault("a sequence beyond 64 bits")
            }
            runs.append(first...(first + more))
            next = first + more + 2
        }
        return runs
    }
}
