public import CausalTime
import DeltaCRDT
import PlantedBugs
public import ReplicaModel

/// Reads the travel domain from the cells of one consistent state.
public struct FleetView<Cells: CellReading> {
    /// The cells: an app's own collections are read through them.
    public let cells: Cells

    /// Reads from `cells`.
    public init(_ cells: Cells) { self.cells = cells }

    /// The period in which usage is counted now; `1` until the fleet has agreed on another.
    public func period() throws -> String {
        let key = FleetSchema.control(FleetSchema.Plan.collection, [], FleetSchema.Plan.period)
        return try cells.cell(at: key).flatMap { CellValue(encoded: $0.value)?.text } ?? "1"
    }

    /// The members, ascending by identifier.
    public func members() throws -> [Member] {
        try rows(of: FleetSchema.Members.collection, in: .control).compactMap { row in
            guard row.isLive, let device = DeviceID(bytes: row.key) else { return nil }
            return Member(
                device: device, name: row[FleetSchema.Members.name]?.text ?? "",
                deviceClass: row[FleetSchema.Members.deviceClass]?.text
                    .flatMap(DeviceClass.init(rawValue:)) ?? .other)
        }
    }

    /// The member with a name, or with an identifier of 32 hexadecimal digits.
    ///
    /// - Throws: ``FleetError/unknownDevice(_:)`` or ``FleetError/ambiguousDevice(_:)``.
    public func member(named name: String) throws -> Member {
        let matching = try members().filter { $0.name == name || $0.device.description == name }
        guard let member = matching.first else { throw FleetError.unknownDevice(name) }
        guard matching.count == 1 else { throw FleetError.ambiguousDevice(name) }
        return member
    }

    /// The profiles, ascending by ICCID.
    public func profiles() throws -> [Profile] {
        try rows(of: FleetSchema.Profiles.collection, in: .settings).compactMap { row in
            guard row.isLive, let digits = String(validating: row.key, as: UTF8.self),
                let iccid = Self.iccid(digits)
            else { return nil }
            var fields: [ProfileField: String] = [:]
            for field in ProfileField.allCases {
                guard let value = row[FieldID(rawValue: field.rawValue)] else { continue }
                fields[field] = value.fieldText
            }
            return Profile(iccid: iccid, fields: fields, editedAt: row.latest)
        }
    }

    /// What has been measured, ascending by key; all periods.
    public func usage() throws -> [UsageRecord] {
        try rows(of: FleetSchema.Usage.collection, in: .usage).compactMap { row in
            guard let key = UsageKey(encoded: row.key) else { return nil }
            return UsageRecord(
                key: key,
                amount: UsageAmount(
                    received: ByteCount(row.sum(of: FleetSchema.Usage.received)),
                    sent: ByteCount(row.sum(of: FleetSchema.Usage.sent))))
        }
    }

    /// What each device measured in one period.
    public func usage(in period: String) throws -> [DeviceID: ByteCount] {
        var totals: [DeviceID: ByteCount] = [:]
        for record in try usage() where record.key.period == period {
            totals[record.key.device, default: .zero] =
                (totals[record.key.device] ?? .zero).addingClamped(record.amount.total)
        }
        return totals
    }

    private static func iccid(_ digits: String) -> ICCID? {
        do { return try ICCID(digits) } catch { return nil }
    }
}

extension FleetView {
    /// The cells of one row.
    struct Row {
        let key: [UInt8]
        let cells: [Cell]

        /// Rows that are not created or deleted are always live.
        var isLive: Bool {
            guard let first = cells.first, first.kind.isRow else { return true }
            return !first.causalLength.isMultiple(of: 2)
        }

        var latest: HybridTimestamp { cells.map(\.timestamp).max() ?? .zero }

        subscript(field: FieldID) -> CellValue? {
            cells.first { $0.key.field == field }.flatMap { CellValue(encoded: $0.value) }
        }

        /// The sum of a counter over its writers.
        func sum(of field: FieldID) -> UInt64 {
            if PlantedBug.usageOfOneWriter.isPlanted {
                return cells.reduce(0) { $1.key.field == field ? max($0, $1.amount) : $0 }
            }
            return cells.reduce(0) { $1.key.field == field ? $0.addingClamped($1.amount) : $0 }
        }
    }

    func rows(of collection: CollectionID, in lane: Lane) throws -> [Row] {
        var rows: [Row] = []
        var pending: [Cell] = []
        for cell in try cells.cells(of: collection, in: lane) {
            if let first = pending.first, first.key.row != cell.key.row {
                rows.append(Row(key: first.key.row, cells: pending))
                pending = []
            }
            pending.append(cell)
        }
        if let first = pending.first { rows.append(Row(key: first.key.row, cells: pending)) }
        return rows
    }
}

extension CellValue {
    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var integer: Int64? {
        if case .integer(let integer) = self { integer } else { nil }
    }

    var identifierBytes: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }

    /// The value of a profile's field as text.
    var fieldText: String {
        if case .bool(let value) = self { value ? "true" : "false" } else { description }
    }
}
