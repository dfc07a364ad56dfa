import CausalTime
import ReplicaModel
import SyncEngine

extension Preamble {
    /// What every preamble begins with: `CRVN`.
    static let magic: [UInt8] = [0x43, 0x52, 0x56, 0x4e]

    func write(to out: inout ByteWriter) {
        out.raw(Self.magic)
        out.byte(version)
        out.varint(capabilities.rawValue)
        out.raw(fleet.bytes)
        out.raw(device.bytes)
        if let allowance { out.varint(allowance) }
        if let nonce { out.raw(withUnsafeBytes(of: nonce.bigEndian, Array.init)) }
    }

    /// Reads a preamble.
    ///
    /// Of another major version nothing else is known, so fleet and device are
    /// zero then; what follows the known part belongs to a later minor version.
    init(from reader: inout BodyReader) throws(BodyFault) {
        guard try reader.raw(Self.magic.count) == Self.magic else {
            throw reader.fault("not the magic of a preamble")
        }
        let version = try reader.byte()
        guard version == Self.currentVersion else {
            self.init(
                version: version, fleet: FleetID(high: 0, low: 0), device: DeviceID(high: 0, low: 0)
            )
            return
        }
        let capabilities = Capabilities(rawValue: try reader.varint())
        self.init(
            version: version, capabilities: capabilities, fleet: try reader.identifier(),
            device: try reader.identifier(),
            allowance: capabilities.contains(.limitsBytes) ? try reader.varint() : nil,
            nonce: capabilities.contains(.hasNonce) ? try reader.nonce() : nil)
    }
}

extension Refusal {
    func write(to out: inout ByteWriter) {
        out.byte(code.rawValue)
        out.counted(Array(text.utf8))
    }

    /// Reads a refusal.
    ///
    /// A code that is not known here counts as ``Code/failed``.
    init(from reader: inout BodyReader) throws(BodyFault) {
        let code = Code(rawValue: try reader.byte()) ?? .failed
        let length = try reader.count(atMost: Self.textBytesMax, of: "bytes of text in a refusal")
        guard let text = String(validating: try reader.raw(length), as: UTF8.self) else {
            throw reader.fault("a refusal's text is not UTF-8")
        }
        self.init(code, text)
    }
}

extension BodyReader {
    fileprivate mutating func nonce() throws(BodyFault) -> UInt32 {
        try raw(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
