import CausalTime
import ReplicaModel
import ReplicaStore
import SyncTestKit
import Testing

/// Rows that are created, deleted and edited at once, and the orders in which that arrives.
///
/// What was tried and broke: fields ordered by their stamps alone, so that a late edit of a row's
/// former life won over the one of its present life where it arrived first, and was dropped where
/// it arrived second; and rows of one causal length that stayed as whoever was first had them. Two
/// of five runs left replicas with equal vectors different. Lives come first, then stamps, then
/// writers: one order for rows and fields, total, the same everywhere.
@Suite("Rows and what is in them")
struct RowOrderAttacks {
    @Test("end the same whether the row or the field arrives first")
    func arrivalDoesNotMatter() throws {
        let fleet = try AttackFleet(2)
        try fleet[0].change(at: 1) {
            try $0.insert("Bern", into: Places.self)
            try $0.set(Places.text, of: "Bern", to: "first life")
        }
        try fleet.meet()
        try fleet[0].change(at: 2) {
            try $0.delete("Bern", from: Places.self)
            try $0.insert("Bern", into: Places.self)
            try $0.set(Places.text, of: "Bern", to: "second life")
        }
        let news = try fleet[0].segment(
            of: .settings, since: fleet[1].summary().vectors[.settings])
        for cells in permutations(of: news.cells) {
            let copy = try fleet.backUp(1)
            _ = try copy.apply(
                Segment(
                    lane: news.lane, base: news.base, claim: news.claim, clock: news.clock,
                    cells: cells))
            #expect(try copy.image().cells == fleet[0].image().cells)
            #expect(try copy.image().violations == [])
        }
    }

    @Test("of one name that two devices create at once are one row, on both the same")
    func createdTwice() throws {
        // The same wall time on both: nothing but the writer can decide.
        let fleet = try AttackFleet(3)
        for index in [0, 1] {
            try fleet[index].change(at: 7) {
                try $0.insert("Bern", into: Places.self)
                try $0.set(Places.text, of: "Bern", to: "by \(index)")
                try $0.increment(Places.visits, of: "Bern", by: index == 0 ? 1 : 10)
            }
        }
        try fleet.pull(2, from: 0)
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(11) { try $0.value(Places.visits, of: "Bern") }
        let texts = try (0..<3).map { index in
            try fleet[index].read { try $0.value(Places.text, of: "Bern") }
        }
        #expect(Set(texts).count == 1)
    }

    @Test("say what was said in their present life, whatever clocks of a former one showed")
    func formerLivesLose() throws {
        let fleet = try AttackFleet(2)
        try fleet[0].change(at: 1) {
            try $0.insert("Bern", into: Places.self)
            try $0.increment(Places.visits, of: "Bern", by: 5)
        }
        try fleet.meet()
        // A fast clock, far from everyone.
        try fleet[1].change(at: 900_000) {
            try $0.set(Places.text, of: "Bern", to: "of the former life")
            try $0.increment(Places.visits, of: "Bern", by: 70)
        }
        try fleet[0].change(at: 3) {
            try $0.delete("Bern", from: Places.self)
            try $0.insert("Bern", into: Places.self)
            try $0.set(Places.text, of: "Bern", to: "of this life")
            try $0.increment(Places.visits, of: "Bern", by: 2)
        }
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll("of this life") { try $0.value(Places.text, of: "Bern") }
        try fleet.expectAll(2) { try $0.value(Places.visits, of: "Bern") }
        let lost = try fleet[1].read { try $0.lostValues() }
        #expect(lost.map(\.value) == [CellValue.text("of the former life").encoded])
    }

    @Test("that two devices replace at once keep the later one's text, and nothing older")
    func replacedTwice() throws {
        let fleet = try AttackFleet(3)
        try fleet[0].change(at: 1) {
            try $0.insert("Bern", into: Places.self)
            try $0.set(Places.text, of: "Bern", to: "old")
        }
        try fleet.meet()
        for (index, time) in [(0, Int64(20)), (1, 10)] {
            try fleet[index].change(at: time) {
                try $0.delete("Bern", from: Places.self)
                try $0.insert("Bern", into: Places.self)
            }
        }
        try fleet[1].change(at: 11) { try $0.set(Places.text, of: "Bern", to: "new") }
        for order in [[0, 1], [1, 0]] { for index in order { try fleet.pull(2, from: index) } }
        try fleet.meet()
        try fleet.expectLevel()
        // Both began the same life, so what either wrote in it counts.
        try fleet.expectAll("new") { try $0.value(Places.text, of: "Bern") }
    }

    @Test("are deleted by who saw them, and stay for who has created them since")
    func deletionsOfFormerLivesLose() throws {
        let fleet = try AttackFleet(2)
        try fleet[0].change(at: 1) { try $0.insert("Bern", into: Places.self) }
        try fleet.meet()
        try fleet[1].change(at: 50) { try $0.delete("Bern", from: Places.self) }
        try fleet[0].change(at: 2) {
            try $0.delete("Bern", from: Places.self)
            try $0.insert("Bern", into: Places.self)
        }
        try fleet.meet()
        try fleet.expectLevel()
        try fleet.expectAll(true) { try $0.exists("Bern", in: Places.self) }
    }
}
