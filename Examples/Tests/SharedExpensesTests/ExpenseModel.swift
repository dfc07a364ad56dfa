import Caravan
import SharedExpenses
import Simulator

/// What has to be shown, worked out from what was done: of rows and cells it knows nothing.
struct ExpenseModel {
    /// What becomes of a person whom one adds while another one, apart, removes it.
    enum Expectation: Sendable {
        /// What was not known to whoever removed it stays. That is what the app declares.
        case addingWins
        /// What came later counts. A common mistake: the field does not merge like that.
        case laterWins
    }

    typealias Entry = SwarmAction<ExpenseApp.Action>

    private struct Book {
        var purpose: (text: String, by: Entry)
        var cents: Int64
        /// Who was added or removed, and when.
        var people: [String: [(adds: Bool, by: Entry)]] = [:]
    }

    private var books: [RowID: Book] = [:]
    private let expectation: Expectation

    /// Works through what a replica has seen.
    init(_ history: SwarmHistory<ExpenseApp.Action>, _ expectation: Expectation) {
        self.expectation = expectation
        var dropped: Set<RowID> = []
        for entry in history.actions {
            switch entry.action {
            case .pay(let id, let cents, let purpose):
                books[id] = Book(purpose: (purpose, entry), cents: cents)
            case .correct(let id, let cents): books[id]?.cents += cents
            case .describe(let id, let purpose):
                guard let former = books[id]?.purpose, entry.isLater(than: former.by) else {
                    continue
                }
                books[id]?.purpose = (purpose, entry)
            case .share(let id, let person):
                books[id]?.people[person, default: []].append((true, entry))
            case .unshare(let id, let person):
                books[id]?.people[person, default: []].append((false, entry))
            case .drop(let id): dropped.insert(id)
            }
        }
        for id in dropped { books[id] = nil }
    }

    /// What has to be shown.
    var expenses: [Expense] {
        books.map { id, book in
            Expense(
                id: id, purpose: book.purpose.text, cents: book.cents,
                sharers: Set(book.people.filter { isSharing($0.value) }.keys))
        }
    }

    private func isSharing(_ entries: [(adds: Bool, by: Entry)]) -> Bool {
        switch expectation {
        case .addingWins:
            entries.contains { one in
                one.adds && !entries.contains { !$0.adds && $0.by.hasSeen(one.by) }
            }
        case .laterWins:
            entries.max { $1.by.isLater(than: $0.by) }?.adds ?? false
        }
    }
}
