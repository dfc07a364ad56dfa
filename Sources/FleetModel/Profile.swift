public import CausalTime

/// An eSIM profile's identifier, as given: 18 to 20 decimal digits.
///
/// The check digit is not required: profiles without one are in the field.
public struct ICCID: Hashable, Sendable {
    /// The digits.
    public let digits: String

    /// Takes digits as they are; a trailing `F` of the packed form is dropped.
    public init(_ text: String) throws(FleetError) {
        let digits = text.hasSuffix("F") ? String(text.dropLast()) : text
        guard (18...20).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw .invalidICCID(text) }
        self.digits = digits
    }
}

/// A field of a profile that any member may set; the later edit wins.
public enum ProfileField: UInt32, Hashable, Sendable, CaseIterable {
    /// What people call the profile; at most 64 bytes.
    case nickname = 1
    /// The service provider's name; at most 32 bytes.
    case provider = 2
    /// The home network: five or six digits.
    case homePLMN = 3
    /// The access point name; at most 100 bytes.
    case apn = 4
    /// Whether data roaming is wished for.
    case roaming = 5

    /// The name on the command line and in scenario files.
    public var name: String {
        switch self {
        case .nickname: "nickname"
        case .provider: "provider"
        case .homePLMN: "home-plmn"
        case .apn: "apn"
        case .roaming: "roaming"
        }
    }

    /// The field of a name.
    public init(named name: String) throws(FleetError) {
        guard let field = Self.allCases.first(where: { $0.name == name }) else {
            let known = Self.allCases.map(\.name).joined(separator: ", ")
            throw .invalidField("unknown profile field '\(name)'; known: \(known)")
        }
        self = field
    }

    /// Checks a value.
    ///
    /// Lengths are those of GSMA SGP.22, in bytes of UTF-8.
    public func check(_ text: String) throws(FleetError) {
        switch self {
        case .nickname: try check(text, bytesMax: 64)
        case .provider: try check(text, bytesMax: 32)
        case .apn: try check(text, bytesMax: 100)
        case .homePLMN:
            let isDigits = text.utf8.allSatisfy { (48...57).contains($0) }
            guard isDigits, (5...6).contains(text.utf8.count) else {
                throw .invalidField("home-plmn '\(text)' is not five or six digits")
            }
        case .roaming:
            guard text == "true" || text == "false" else {
                throw .invalidField("roaming '\(text)' is neither true nor false")
            }
        }
    }

    private func check(_ text: String, bytesMax: Int) throws(FleetError) {
        guard text.utf8.count <= bytesMax else {
            throw .invalidField("\(name) is longer than \(bytesMax) bytes")
        }
    }
}

/// An eSIM profile as this replica knows it.
public struct Profile: Hashable, Sendable {
    /// Its identifier.
    public let iccid: ICCID
    /// The fields that have been set; roaming as `true` or `false`.
    public let fields: [ProfileField: String]
    /// When a field was set last.
    public let editedAt: HybridTimestamp
}
