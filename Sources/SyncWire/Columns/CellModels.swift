import CausalTime
import ReplicaModel
import SyncEngine

/// What is known of the cells of a segment from those that came before, on both ends alike.
struct CellModels: Sendable {
    // MARK: Shapes

    /// The shapes that have come, in their order.
    var shapes: [CellShape]
    /// Which shape follows which.
    var successor = SuccessorModels()
    /// Whether a new shape is of another collection than the one before, or of another kind.
    var otherCollection = AdaptiveBit()
    var otherKind = AdaptiveBit()
    var collection = IntegerModel()
    var field = IntegerModel()
    var kind = IntegerModel()
    var form = IntegerModel()

    // MARK: Rows

    /// Whether the row is that of the cell before; apart if the shape is a later one.
    var sameRow = [AdaptiveBit(), AdaptiveBit()]
    /// Whether it is the next after that.
    var nextRow = AdaptiveBit()
    var shared = IntegerModel()
    var suffix = IntegerModel()

    // MARK: Writes

    var writer = IntegerModel()
    /// Whether the write is shortly after the last of its writer.
    var isNear = AdaptiveBit()
    var gap = IntegerModel()
    /// The sequence of the last cell of each writer, by place.
    var lastSequences: [Int: UInt64] = [:]

    // MARK: Stamps

    var stamps: StampModel
    var otherEpoch = AdaptiveBit()
    var epoch = IntegerModel()
    var error: [IntegerModel] = Array(
        repeating: IntegerModel(), count: StampModel.contextCount)
    var logical = [IntegerModel(), IntegerModel()]

    // MARK: Contents

    /// By place of the shape.
    var contents: [ContentModels]

    /// How many shapes the cells of a segment can have, because each has models of its own.
    static let shapesMax = SessionLimits.shapesMax
    /// How far ahead a write counts as near.
    static let nearMax: UInt64 = 16

    /// Knows the last shape that the lane had, and the clock.
    init(after shape: CellShape?, clock: HybridTimestamp) {
        shapes = shape.map { [$0] } ?? []
        contents = shapes.map { _ in ContentModels() }
        stamps = StampModel(clock: clock.milliseconds)
    }

    /// Takes in another shape; its contents are expected to be like those of the one before.
    mutating func add(_ shape: CellShape) {
        shapes.append(shape)
        contents.append(contents.last?.ofAnother ?? ContentModels())
    }
}

/// Which shape follows which.
struct SuccessorModels: Sendable {
    private var models: [IntegerModel] = []
    private var latest = 0

    /// Shapes beyond the first so many share a model.
    private static let count = 16

    /// The model for what follows a shape; what is used for the first time begins as the one that
    /// was used last.
    subscript(after place: Int?) -> IntegerModel {
        get { models.isEmpty ? IntegerModel() : models[index(of: place)] }
        _modify {
            let index = index(of: place)
            if models.isEmpty { models = Array(repeating: IntegerModel(), count: Self.count + 1) }
            if models[index].isFresh { models[index] = models[latest] }
            latest = index
            yield &models[index]
        }
    }

    private func index(of place: Int?) -> Int {
        place.map { 1 + min($0, Self.count - 1) } ?? 0
    }
}

/// What is known of the cells of one shape.
struct ContentModels: Sendable {
    var life = IntegerModel()
    var amount = IntegerModel()
    var itemLength = IntegerModel()
    var form = IntegerModel()
    var index = IntegerModel()
    var integer = IntegerModel()
    var difference = IntegerModel()
    var length = IntegerModel()
    var sharedDigits = IntegerModel()
    /// The last integer and the last digits that came.
    var lastInteger: UInt64 = 0
    var lastDigits: [UInt8] = []
    /// Values that came, so that they can be named when they come again.
    var known: KnownValues = KnownValues()
    /// How many values will have come once the text of the chunk in hand is there.
    var announced = 0

    /// What is expected of another shape: the same, but for what has come.
    var ofAnother: ContentModels {
        var models = self
        models.known = KnownValues()
        models.announced = 0
        models.lastInteger = 0
        models.lastDigits = []
        return models
    }
}

/// Values that came in a segment.
struct KnownValues: Sendable {
    private var places: [[UInt8]: Int] = [:]
    private(set) var values: [[UInt8]] = []

    /// How many are remembered: the first ones.
    static let countMax = 512
    /// The longest that is remembered, in bytes.
    static let bytesMax = 64

    /// Whether one more of a length would be remembered.
    static func remembers(length: Int, after count: Int) -> Bool {
        count < countMax && (1...bytesMax).contains(length)
    }

    /// The place of a value.
    func place(of value: [UInt8]) -> Int? { places[value] }

    /// Takes a value in, if there is room.
    mutating func add(_ value: [UInt8]) {
        guard Self.remembers(length: value.count, after: values.count) else { return }
        if places[value] == nil { places[value] = values.count }
        values.append(value)
    }
}

/// How a value is told.
enum ValueForm: UInt64 {
    /// It came before in the segment, in a cell of the shape.
    case known = 0
    /// An integer.
    case integer = 1
    /// An integer, as a difference to the one before.
    case difference = 2
    /// Text of nothing but digits.
    case digits = 3
    /// Text.
    case text = 4
    /// Bytes of any other kind.
    case other = 5
}
