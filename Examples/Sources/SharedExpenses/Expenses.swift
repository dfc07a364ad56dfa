public import Caravan

/// What a group of travellers has paid: the app's own collection.
public enum Expenses: RowCollection {
    /// Numbers from 1024 on are for apps.
    public static let id: CollectionID = 1024
    /// What it is called in views.
    public static let name = "expenses"
    /// No two devices ever make the same expense.
    public static let rows = UniqueRows()

    /// The later edit wins.
    public static let purpose = Field<Expenses, LastWriter<String>>(1, "purpose")
    /// Corrections add up, also those that were made at once.
    public static let cents = Field<Expenses, PNCounter>(2, "cents")
    /// Everybody adds and removes; of both at once adding wins.
    public static let sharers = Field<Expenses, AddWinsSet<String>>(3, "sharers")

    /// All of them.
    public static let fields: [any FieldOf<Expenses>] = [purpose, cents, sharers]
}

/// An expense as it is shown.
public struct Expense: Hashable, Sendable, CustomStringConvertible {
    /// Which one; no other ever has this name.
    public let id: RowID
    /// What it was for.
    public let purpose: String
    /// How much it was.
    public let cents: Int64
    /// Who it is divided among.
    public let sharers: Set<String>

    /// Says what an expense is.
    public init(id: RowID, purpose: String, cents: Int64, sharers: Set<String>) {
        self.id = id
        self.purpose = purpose
        self.cents = cents
        self.sharers = sharers
    }

    /// The expense in a line.
    public var description: String {
        "\(purpose), \(cents) cents, for \(sharers.sorted().joined(separator: " and "))"
    }
}

extension FleetView {
    /// All expenses, in an order that is the same on all devices.
    public func expenses() throws -> [Expense] {
        try cells.rows(of: Expenses.self).map { row in
            Expense(
                id: row.key, purpose: row[Expenses.purpose] ?? "", cents: row[Expenses.cents],
                sharers: row[Expenses.sharers])
        }
    }
}

extension FleetChanges {
    /// Notes an expense.
    public func pay(_ cents: Int64, for purpose: String) throws -> RowID {
        let expense = try cells.insert(into: Expenses.self)
        try cells.increment(Expenses.cents, of: expense, by: cents)
        try cells.set(Expenses.purpose, of: expense, to: purpose)
        return expense
    }

    /// Makes an expense more, or less.
    public func correct(_ expense: RowID, by cents: Int64) throws {
        try cells.increment(Expenses.cents, of: expense, by: cents)
    }

    /// Says what an expense was for.
    public func describe(_ expense: RowID, as purpose: String) throws {
        try cells.set(Expenses.purpose, of: expense, to: purpose)
    }

    /// Divides an expense among one person more.
    public func share(_ expense: RowID, with person: String) throws {
        try cells.add(person, to: Expenses.sharers, of: expense)
    }

    /// Divides an expense among one person less.
    public func unshare(_ expense: RowID, with person: String) throws {
        try cells.remove(person, from: Expenses.sharers, of: expense)
    }

    /// Takes an expense back.
    public func drop(_ expense: RowID) throws {
        try cells.delete(expense, from: Expenses.self)
    }
}
