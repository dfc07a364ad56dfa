import CausalTime
import ReplicaModel
import SyncEngine

/// Why a frame or a body is refused, before it is known where in the stream it stood.
struct BodyFault: Error {
    let code: Refusal.Code
    let text: String

    init(_ code: Refusal.Code, _ text: String) {
        self.code = code
        self.text = text
    }
}

/// Reads a body; every fault says where.
struct BodyReader {
    private var reader: ByteReader

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

    /// How many bytes are left.
    var remaining: Int { reader.remaining }

    /// A fault at the current byte.
    func fault(_ text: String, code: Refusal.Code = .malformed) -> BodyFault {
        BodyFault(code, "byte \(reader.offset): \(text)")
    }

    mutating func byte() throws(BodyFault) -> UInt8 {
        do { return try reader.byte() } catch { throw Self.fault(error) }
    }

    mutating func varint() throws(BodyFault) -> UInt64 {
        do { return try reader.varint() } catch { throw Self.fault(error) }
    }

    /// A varint of a field whose range the format fixes.
    mutating func varint(atMost limit: UInt64, of what: String) throws(BodyFault) -> UInt64 {
        let value = try varint()
        guard value <= limit else { throw fault("\(what) above \(limit)") }
        return value
    }

    /// A varint that says how many of something there are, where a limit says how many there may
    /// be.
    mutating func count(atMost limit: Int, of what: String) throws(BodyFault) -> Int {
        let value = try varint()
        guard value <= UInt64(limit) else {
            throw fault("more than \(limit) \(what)", code: .tooLarge)
        }
        return Int(value)
    }

    mutating func fixed64() throws(BodyFault) -> UInt64 {
        do { return try reader.fixed64() } catch { throw Self.fault(error) }
    }

    mutating func identifier<Subject>() throws(BodyFault) -> Identifier<Subject> {
        Identifier(high: try fixed64(), low: try fixed64())
    }

    mutating func raw(_ count: Int) throws(BodyFault) -> [UInt8] {
        do { return try reader.raw(count) } catch { throw Self.fault(error) }
    }

    /// Goes on behind bytes that are read elsewhere; if there are not so many, at the end.
    mutating func skip(_ count: Int) {
        do { _ = try reader.raw(min(count, reader.remaining)) } catch { return }
    }

    func end() throws(BodyFault) {
        do { try reader.end() } catch { throw Self.fault(error) }
    }

    private static func fault(_ fault: ByteReader.Fault) -> BodyFault {
        BodyFault(.malformed, "byte \(fault.offset): expected \(fault.expected)")
    }
}
