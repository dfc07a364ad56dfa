import Caravan

/// What a node of a grow-only set holds: a row for each element, which is there for ever.
enum NodeElements: RowCollection {
    static let id: CollectionID = 1024
    static let name = "elements"
    static let rows = StandingRows<String>("element")

    static let isThere = Field<NodeElements, GrowOnlySet<Bool>>(1, "is_there")
    static let fields: [any FieldOf<NodeElements>] = [isThere]
}

/// What a node of a counter holds: one number.
enum NodeCounter: RowCollection {
    static let id: CollectionID = 1025
    static let name = "counter"
    static let rows = StandingRows<OnlyRow>()

    static let balance = Field<NodeCounter, PNCounter>(1, "balance")
    static let fields: [any FieldOf<NodeCounter>] = [balance]
}
