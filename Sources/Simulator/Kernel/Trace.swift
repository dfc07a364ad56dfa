import CausalTime

/// A hash of everything that happened, in order: two runs with the same hash did the same.
struct Trace {
    private(set) var hash: UInt64 = 0

    /// Takes in a line, and bytes that belong to it.
    mutating func note(_ line: String, at time: Duration, bytes: [UInt8] = []) {
        let (seconds, attoseconds) = time.components
        let text = "\(hash)|\(seconds).\(attoseconds)|\(line)|"
        hash = StableHash.hash64(Array(text.utf8) + bytes)
    }

    /// 16 hexadecimal digits.
    var text: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
