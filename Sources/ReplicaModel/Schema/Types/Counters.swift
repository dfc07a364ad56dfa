import DeltaCRDT

/// A number that only grows: what all writers have added, no addition lost or counted twice.
///
/// One cell of each writer, however often it adds; see `UsageCounter` for the source.
public struct Counter: FieldType {
    /// `Counter`.
    public static var name: String { "Counter" }
    /// Counters.
    public static var kind: MergeKind { .counter }
    /// The amount.
    public static var content: FieldDescription.Content { .amount }

    /// Makes the type.
    public init() {}

    /// The sum; what does not fit counts as the largest number.
    public func value(of cells: [Cell], by devices: Devices) -> UInt64 {
        cells.reduce(0) { $0.addingClamped($1.amount) }
    }
}

/// A number that grows and shrinks: two ``Counter``s, of which one counts against the other.
///
/// Two cells of each writer.
public struct PNCounter: FieldType {
    /// `PNCounter`.
    public static var name: String { "PNCounter" }
    /// Counters.
    public static var kind: MergeKind { .counter }
    /// Which way it counts.
    public static var item: FieldDescription.Item { .direction }
    /// The amount.
    public static var content: FieldDescription.Content { .amount }

    /// Makes the type.
    public init() {}

    /// The difference, as near as 64 bits with a sign come to it.
    public func value(of cells: [Cell], by devices: Devices) -> Int64 {
        let up = Counter().value(of: cells.filter { $0.key.item.isEmpty }, by: devices)
        let down = Counter().value(of: cells.filter { $0.key.item == Self.down }, by: devices)
        return up >= down
            ? Int64(clamping: up - down) : Int64(clamping: -Int64(clamping: down - up))
    }

    static let down: [UInt8] = [1]
}

extension CellWriting {
    /// Adds to a counter.
    ///
    /// - Throws: ``SchemaError``: `noSuchRow`; `exhausted` beyond 2⁶⁴ − 1.
    public func increment<C>(
        _ field: Field<C, Counter>, of key: C.Key, by amount: UInt64 = 1
    ) throws {
        try raise(place(of: field, key), item: [], by: amount)
    }

    /// Adds to a counter, or takes away from it.
    ///
    /// - Throws: ``SchemaError``: `noSuchRow`; `exhausted` once either way is beyond 2⁶⁴ − 1.
    public func increment<C>(
        _ field: Field<C, PNCounter>, of key: C.Key, by amount: Int64 = 1
    ) throws {
        try raise(
            place(of: field, key), item: amount < 0 ? PNCounter.down : [], by: amount.magnitude)
    }

    private func raise<T>(_ place: FieldPlace<T>, item: [UInt8], by amount: UInt64) throws {
        guard amount > 0 else { return }
        let writer = try writer()
        let own = place.cells(of: item).first { $0.key.owner == writer }?.amount ?? 0
        let (sum, overflow) = own.addingReportingOverflow(amount)
        guard !overflow else {
            throw SchemaError(.exhausted, "'\(place.name)' cannot count beyond 2^64 - 1")
        }
        var value = ByteWriter()
        value.varint(sum)
        try put(value.bytes, in: place, item: item)
    }
}
