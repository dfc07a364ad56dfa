import ReplicaModel

/// What the first cell of a chunk is described against: what is pushed next is often the same cell
/// again, or a field of the same row.
struct LastCell: Sendable {
    var shape: CellShape?
    var row: [UInt8] = []
}

/// What cells of one field have in common.
struct CellShape: Hashable, Sendable {
    let collection: CollectionID
    let field: FieldID
    let kind: MergeKind
    /// Whether cells have an item.
    var hasItem = false
    /// Whether cells of a kind that is not stamped belong to a life of their row.
    var hasLife = false

    init(collection: CollectionID, field: FieldID, kind: MergeKind) {
        self.collection = collection
        self.field = field
        self.kind = kind
    }

    init(of cell: Cell) {
        self.init(collection: cell.key.collection, field: cell.key.field, kind: cell.kind)
        hasItem = !cell.key.item.isEmpty
        hasLife = !cell.kind.isStamped && cell.causalLength > 0
    }

    static let itemBit: UInt8 = 0b1
    static let lifeBit: UInt8 = 0b10

    /// Which columns there are besides those of the kind.
    var form: UInt8 { (hasItem ? Self.itemBit : 0) | (hasLife ? Self.lifeBit : 0) }

    /// Writes the collection, then field and kind in one number; a kind of two digits or with a
    /// form follows for itself.
    func write(to out: inout ByteWriter) {
        out.varint(UInt64(collection.rawValue))
        let isPlain = form == 0 && kind.rawValue <= Self.kindMask
        out.varint(
            UInt64(field.rawValue) << Self.fieldShift | (isPlain ? UInt64(kind.rawValue) : 0))
        guard !isPlain else { return }
        out.byte(kind.rawValue)
        out.byte(form)
    }

    private static let fieldShift: UInt64 = 4
    private static let kindMask: UInt8 = 0b1111

    init(from reader: inout BodyReader) throws(BodyFault) {
        let collection = try reader.varint()
        let number = try reader.varint()
        var kind = number & UInt64(Self.kindMask)
        var form: UInt64 = 0
        if kind == 0 {
            kind = UInt64(try reader.byte())
            form = UInt64(try reader.byte())
        }
        try self.init(
            collection: collection, field: number >> Self.fieldShift, kind: kind, form: form,
            reader)
    }

    /// A shape of numbers that nobody has looked at.
    init(
        collection: UInt64, field: UInt64, kind: UInt64, form: UInt64, _ reader: BodyReader
    ) throws(BodyFault) {
        guard let collection = UInt32(exactly: collection), let field = UInt32(exactly: field)
        else { throw reader.fault("a collection or field beyond 32 bits") }
        guard let byte = UInt8(exactly: kind), let kind = MergeKind(rawValue: byte) else {
            throw reader.fault("cell kind \(kind) is unknown")
        }
        guard kind.isRow == (field == 0) else {
            throw reader.fault("a \(kind) as field \(field); field 0 is the row, and no other is")
        }
        self.init(
            collection: CollectionID(rawValue: collection), field: FieldID(rawValue: field),
            kind: kind)
        hasItem = form & UInt64(Self.itemBit) != 0
        hasLife = form & UInt64(Self.lifeBit) != 0
        guard form == UInt64(self.form), !hasItem || !kind.isRow, !hasLife || !kind.isStamped
        else { throw reader.fault("form \(form) of a \(kind)") }
    }
}
