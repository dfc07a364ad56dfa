import CausalTime
import FleetModel
import ReplicaModel

extension ReplicaImage {
    /// What the cell says, in words; as stored, to be escaped before it is printed.
    func text(of cell: Cell, as meaning: FleetKeyDescription.Meaning) -> String {
        switch cell.kind {
        case .row, .uniqueRow:
            return cell.causalLength.isMultiple(of: 2) ? "deleted" : "there"
        case .counter:
            return meaning == .byteCount ? Self.exact(cell.amount) : String(cell.amount)
        case .register, .fact: return text(of: cell.value, as: meaning)
        case .sibling: return cell.value.isEmpty ? "removed" : text(of: cell.value, as: meaning)
        case .vector: return "\(cell.context)"
        case .maximum:
            let rank = "rank \(cell.amount)"
            return cell.content.isEmpty ? rank : rank + ", " + text(of: cell.content, as: meaning)
        case .unknown: return "bytes " + CellValue.bytes(cell.value).description
        }
    }

    /// What the bytes of a register or a fact say, in words.
    func text(of bytes: [UInt8], as meaning: FleetKeyDescription.Meaning) -> String {
        guard let value = CellValue(encoded: bytes) else {
            return "bytes " + CellValue.bytes(bytes).description
        }
        switch (value, meaning) {
        case (.integer(let number), .byteCount) where number >= 0: return Self.exact(UInt64(number))
        case (.integer(let number), .wallTime): return WallTime(milliseconds: number).utcText
        case (.bytes(let identifier), .device):
            return DeviceID(bytes: identifier).map { name(of: $0) } ?? value.description
        case (.text(let text), _): return "\"" + text + "\""
        case (.bytes, _): return "bytes " + value.description
        default: return value.description
        }
    }

    /// A byte count for people and to the byte.
    static func exact(_ bytes: UInt64) -> String {
        bytes < 1000 ? "\(bytes) B" : "\(ByteCount(bytes)) (\(bytes) B)"
    }
}

extension WallTime {
    /// The time in UTC, as in `2025-11-24T04:39:01.123Z`; any number of milliseconds has one.
    package var utcText: String {
        let (day, rest) = milliseconds.flooredQuotientAndRemainder(dividingBy: 86_400_000)
        let date = Self.date(ofDay: day)
        func digits(_ value: Int64, _ count: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, count - digits.count)) + digits
        }
        return (date.year < 0 ? "-" : "") + digits(abs(date.year), 4) + "-" + digits(date.month, 2)
            + "-" + digits(date.day, 2) + "T" + digits(rest / 3_600_000, 2) + ":"
            + digits(rest / 60_000 % 60, 2) + ":" + digits(rest / 1000 % 60, 2) + "."
            + digits(rest % 1000, 3) + "Z"
    }

    /// The civil date of a day since 1970.
    ///
    /// Years begin in March here, so that a leap day ends one.
    ///
    /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (day + 719_468).flooredQuotientAndRemainder(dividingBy: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (
            era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shifted + 2) / 5 + 1
        )
    }
}

extension Int64 {
    fileprivate func flooredQuotientAndRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
