import CausalTime
import DeltaCRDT
import SyncTestKit
import Testing

@Suite struct RowExistenceTests {
    @Test func mergingObeysTheLaws() throws {
        try checkMergeLaws(of: LastWriterRegisterTests.orders.map(RowExistence.init))
    }

    @Test func creationsAndDeletionsTakeTurns() {
        var row = RowExistence(order: LastWriterRegisterTests.orders[0])
        #expect(row.isLive)
        for count in 2...7 as ClosedRange<UInt64> {
            #expect(row.nextCausalLength == count)
            row = RowExistence(
                order: WriteOrder(causalLength: count, timestamp: .at(count), dot: .at(1, count)))
            #expect(row.isLive == (count % 2 == 1))
        }
    }

    @Test func aDeletionBeatsALaterConcurrentEdit() {
        var row = Row(created: WriteOrder(causalLength: 1, timestamp: .at(1), dot: .at(1, 1)))
        let edit = WriteOrder(causalLength: 1, timestamp: .at(90), dot: .at(2, 1))
        row.field = LastWriterRegister(.at(2, 1), order: edit)
        var deleted = row
        deleted.existence = RowExistence(
            order: WriteOrder(causalLength: 2, timestamp: .at(5), dot: .at(1, 2)))
        #expect(row.merging(deleted).visible == nil)
        #expect(deleted.merging(row).visible == nil)
    }

    /// All worlds of a row with one field and four operations: creations, deletions, edits.
    @Test(arguments: [[0, 0, 0], [4, 0, 9]] as [[Int64]])
    func aRowIsWhatItsLatestLifeSays(walls: [Int64]) throws {
        let worlds = try checkMeaning(of: RowLives(), operations: 4, walls: walls)
        #expect(worlds > 45_000)
    }
}

/// A row with one field, as `MergeDecision` brings the two types together.
private struct Row: Mergeable {
    var existence: RowExistence?
    var field: LastWriterRegister<Dot>?

    init(created order: WriteOrder) { existence = RowExistence(order: order) }

    /// The field of a live row; a former life's field does not count.
    var visible: Dot?? {
        guard let existence, existence.isLive else { return nil }
        guard let field, field.order.causalLength == existence.order.causalLength else {
            return .some(nil)
        }
        return field.value
    }

    mutating func merge(_ other: Row) {
        existence = other.existence.map { existence?.merging($0) ?? $0 } ?? existence
        field = other.field.map { field?.merging($0) ?? $0 } ?? field
    }
}

/// Creates, deletes and edits a row.
private struct RowLives: OperationModel {
    enum Deed { case create, delete, edit }

    func operations(on state: Row?, at place: Int, order: NextOrder) -> [(Deed, Row)] {
        guard var row = state, let existence = row.existence else {
            return [(.create, Row(created: order.order(causalLength: 1)))]
        }
        var toggled = row
        toggled.existence = RowExistence(
            order: order.order(causalLength: existence.nextCausalLength))
        guard existence.isLive else { return [(.create, toggled)] }
        row.field = LastWriterRegister(
            order.dot, order: order.order(causalLength: existence.order.causalLength))
        return [(.delete, toggled), (.edit, row)]
    }

    /// Knows nothing of causal lengths: the life of an operation is how many creations and
    /// deletions, each having seen the one before, had led to what its author saw.
    func expected(of log: [LogEntry<Deed>]) -> Dot?? {
        var lives: [UInt16: Int] = [:]
        for entry in log {
            let before = lives.filter { entry.seen & $0.key != 0 }.values.max() ?? 0
            lives[entry.bit] = entry.deed == .edit ? before : before + 1
        }
        guard let life = lives.values.max(), !life.isMultiple(of: 2) else { return nil }
        let edits = log.filter { $0.deed == .edit && lives[$0.bit] == life }
        return .some(edits.max { ($0.timestamp, $0.dot) < ($1.timestamp, $1.dot) }?.dot)
    }

    func reading(of state: Row?) -> Dot?? { state?.visible ?? nil }
}
