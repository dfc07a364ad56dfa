import Caravan
import SharedExpenses
import Simulator

/// People who note expenses on several devices, for random worlds.
struct ExpenseApp: SwarmApp {
    /// What was done.
    enum Action: Sendable {
        case pay(RowID, Int64, purpose: String)
        case correct(RowID, by: Int64)
        case describe(RowID, as: String)
        case share(RowID, with: String)
        case unshare(RowID, with: String)
        case drop(RowID)
    }

    let schema: Schema
    /// What is expected when one adds a person and another one removes it, apart.
    let expectation: ExpenseModel.Expectation

    init(expecting expectation: ExpenseModel.Expectation = .addingWins) throws {
        schema = try Schema.fleet.adding(Expenses.self)
        self.expectation = expectation
    }

    func act(
        on fleet: FleetChanges<StoreTransaction>, _ random: inout SeededRandom
    ) throws -> Action? {
        let shown = try fleet.view.expenses()
        guard !shown.isEmpty, random.uniform(in: 0...9) > 1 else {
            let cents = Int64(random.uniform(in: 1...20_000))
            let purpose = "purpose \(random.uniform(in: 0...999))"
            return .pay(try fleet.pay(cents, for: purpose), cents, purpose: purpose)
        }
        let expense = random.choice(of: shown)
        switch random.uniform(in: 0...9) {
        case 0...2:
            let cents = Int64(random.uniform(in: -500...500))
            guard cents != 0 else { return nil }
            try fleet.correct(expense.id, by: cents)
            return .correct(expense.id, by: cents)
        case 3, 4:
            let purpose = "purpose \(random.uniform(in: 0...999))"
            try fleet.describe(expense.id, as: purpose)
            return .describe(expense.id, as: purpose)
        case 5...8:
            let person = random.choice(of: ["Ada", "Ben"])
            guard expense.sharers.contains(person), random.unit() < 0.6 else {
                try fleet.share(expense.id, with: person)
                return .share(expense.id, with: person)
            }
            try fleet.unshare(expense.id, with: person)
            return .unshare(expense.id, with: person)
        default:
            try fleet.drop(expense.id)
            return .drop(expense.id)
        }
    }

    func mistakes(
        in fleet: FleetView<StoreSnapshot>, having history: SwarmHistory<Action>
    ) throws -> [String] {
        let shown = Set(try fleet.expenses())
        let expected = Set(ExpenseModel(history, expectation).expenses)
        guard shown != expected else { return [] }
        let extra = shown.subtracting(expected).map { "shows \($0)" }.sorted()
        return extra + expected.subtracting(shown).map { "has to show \($0)" }.sorted()
    }
}
