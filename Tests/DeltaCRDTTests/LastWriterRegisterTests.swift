import CausalTime
import DeltaCRDT
import SyncTestKit
import Testing

@Suite struct LastWriterRegisterTests {
    /// Orders of two lives, two timestamps, two writers and two sequences.
    static let orders: [WriteOrder] = sequences(of: [1, 2] as [UInt64], count: 4).map(order)

    private static func order(_ digits: [UInt64]) -> WriteOrder {
        WriteOrder(
            causalLength: digits[0], timestamp: .at(digits[1]),
            dot: .at(UInt32(digits[2]), digits[3]))
    }

    @Test func mergingObeysTheLaws() throws {
        try checkMergeLaws(
            of: Self.orders.enumerated().map { LastWriterRegister($0, order: $1) })
    }

    @Test func theOrderIsTotalAndItsFirstDifferenceDecides() {
        let ascending = Self.orders
        for (index, order) in ascending.enumerated() {
            for (otherIndex, other) in ascending.enumerated() {
                #expect((order < other) == (index < otherIndex))
            }
        }
    }

    /// All worlds in which four edits are made with clocks that agree, and with clocks that do not.
    @Test(arguments: [[0, 0, 0], [4, 0, 9]] as [[Int64]])
    func theLaterEditWinsWhoeverDelivers(walls: [Int64]) throws {
        let worlds = try checkMeaning(of: Edits(), operations: 4, walls: walls)
        #expect(worlds > 12_000)
    }

    /// Someone sets a field to a new value.
    private struct Edits: OperationModel {
        func operations(
            on state: LastWriterRegister<Dot>?, at place: Int, order: NextOrder
        ) -> [(Int, LastWriterRegister<Dot>)] {
            [(0, LastWriterRegister(order.dot, order: order.order(causalLength: 0)))]
        }

        /// The last by timestamp; of equal ones that of the higher writer.
        func expected(of log: [LogEntry<Int>]) -> Dot? {
            let last = log.map(\.timestamp).max()
            let winner = log.filter { $0.timestamp == last }.max { $0.place < $1.place }
            // An edit that had seen the winner would have to be later than it.
            for edit in log where edit.seen & (winner?.bit ?? 0) != 0 { return nil }
            return winner?.dot
        }

        func reading(of state: LastWriterRegister<Dot>?) -> Dot? { state?.value }
    }
}
