/// How two contents of one cell are brought together.
///
/// Every cell carries its kind. The kinds are few and about form: a type of a schema, such as a set
/// or an exclusive right, is a way to write and read cells of these kinds, so a replica merges and
/// passes on fields whose type it does not know.
public enum MergeKind: Hashable, Sendable {
    /// A field that anyone may set; see `LastWriterRegister`.
    case register
    /// The existence of a row that is named by what it stands for, such as an ICCID.
    ///
    /// It is kept when the row is deleted, because the name may come back; see `RowExistence`.
    case row
    /// A number that one writer raises; see `UsageCounter` and `RightsMatrix`.
    case counter
    /// Something written once. Should two writes name one fact, the lesser dot counts.
    case fact
    /// One writer's part of a value that several may write at once; see ``Siblings``.
    case sibling
    /// A value under a rank: the greatest rank stays, and of equal ranks the lesser dot.
    case maximum
    /// A version vector written once, for what a fleet has agreed on; see ``Forgetting``.
    case vector
    /// The existence of a row that is named by its creation, see ``RowID``.
    ///
    /// Once every member knows that it was deleted, it is forgotten.
    case uniqueRow
    /// A kind of a later version, 64 to 127.
    ///
    /// Whatever it means, every writer has a cell of its own in it, of which a later write includes
    /// the earlier ones. So it can be kept and passed on without being understood.
    case unknown(UInt8)

    /// The kinds that are understood here.
    public static let known: [MergeKind] = [
        .register, .row, .counter, .fact, .sibling, .maximum, .vector, .uniqueRow,
    ]

    /// The number, as it is stored and sent.
    public var rawValue: UInt8 {
        switch self {
        case .register: 1
        case .row: 2
        case .counter: 3
        case .fact: 4
        case .sibling: 5
        case .maximum: 6
        case .vector: 7
        case .uniqueRow: 8
        case .unknown(let number): number
        }
    }

    /// The kind of a number; nothing if no version may use the number.
    public init?(rawValue: UInt8) {
        if let kind = Self.known.first(where: { $0.rawValue == rawValue }) {
            self = kind
        } else if (64...127).contains(rawValue) {
            self = .unknown(rawValue)
        } else {
            return nil
        }
    }

    // MARK: Form

    /// Whether it says that a row exists, in field 0.
    public var isRow: Bool { self == .row || self == .uniqueRow }

    /// Whether every writer has a cell of its own, so that the writer is part of its name.
    public var isOwned: Bool {
        switch self {
        case .counter, .sibling, .unknown: true
        case .register, .row, .fact, .maximum, .vector, .uniqueRow: false
        }
    }

    /// Whether a cell of this kind carries a timestamp; of an unknown kind bit 0 says so.
    public var isStamped: Bool {
        switch self {
        case .register, .row, .sibling, .vector, .uniqueRow: true
        case .counter, .fact, .maximum: false
        case .unknown(let number): number & 0b1 != 0
        }
    }

    /// Whether a cell of this kind carries a version vector; of an unknown kind bit 1 says so.
    public var hasContext: Bool {
        switch self {
        case .sibling, .vector: true
        case .register, .row, .counter, .fact, .maximum, .uniqueRow: false
        case .unknown(let number): number & 0b10 != 0
        }
    }
}

extension MergeKind: CustomStringConvertible {
    /// The name, for people and test vectors.
    public var description: String {
        switch self {
        case .register: "register"
        case .row: "row"
        case .counter: "counter"
        case .fact: "fact"
        case .sibling: "sibling"
        case .maximum: "maximum"
        case .vector: "vector"
        case .uniqueRow: "uniqueRow"
        case .unknown(let number): "kind\(number)"
        }
    }
}
