/// A part of a whole in basis points, that is in ten-thousandths: 40 % is 4000.
///
/// Whole numbers, so that shares add up exactly and every replica splits a pool alike.
public struct Share: Hashable, Sendable {
    /// The whole, in basis points.
    public static let wholeBasisPoints = 10_000

    /// Ten-thousandths of the whole, from 0 to 10,000.
    public let basisPoints: Int

    /// Creates a share, or `nil` where `basisPoints` is not within 0...10,000.
    public init?(basisPoints: Int) {
        guard (0...Share.wholeBasisPoints).contains(basisPoints) else { return nil }
        self.basisPoints = basisPoints
    }

    /// Why a text is not a share.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The reason, one line without the place where the text stood.
        public let description: String
    }

    /// Reads a percentage of at most two decimals, such as `40%` or `12.5 %`.
    ///
    /// - Throws: `ParseError` for a missing percent sign, a third decimal, a negative number or
    ///   more than 100 %.
    public init(parsing text: some StringProtocol) throws(ParseError) {
        guard text.hasSuffix("%") else {
            throw ParseError(description: "'\(text)' is not a percentage such as 40%")
        }
        var number = text.dropLast()
        while number.last == " " { number = number.dropLast() }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = number.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        guard isPlain, parts.count <= 2, let percent = UInt16(parts[0]),
            let hundredths = Share.hundredths(parts.count == 2 ? String(parts[1]) : "0")
        else {
            throw ParseError(
                description: "'\(text)' is not a percentage of at most two decimals such as 12.5%")
        }
        guard let share = Share(basisPoints: Int(percent) * 100 + hundredths) else {
            throw ParseError(description: "'\(text)' is more than 100%")
        }
        self = share
    }

    private static func hundredths(_ digits: String) -> Int? {
        guard let value = UInt8(digits) else { return nil }
        switch digits.utf8.count {
        case 1: return Int(value) * 10
        case 2: return Int(value)
        default: return nil
        }
    }
}

extension Share: Comparable {
    /// Returns whether the left share is the smaller.
    public static func < (left: Share, right: Share) -> Bool {
        left.basisPoints < right.basisPoints
    }
}

extension Share: CustomStringConvertible {
    /// The percentage with as many decimals as it needs: "40%", "12.5%".
    public var description: String {
        let (percent, hundredths) = basisPoints.quotientAndRemainder(dividingBy: 100)
        switch (hundredths / 10, hundredths % 10) {
        case (0, 0): return "\(percent)%"
        case (let tenth, 0): return "\(percent).\(tenth)%"
        case (let tenth, let hundredth): return "\(percent).\(tenth)\(hundredth)%"
        }
    }
}
