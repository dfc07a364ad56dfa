import Caravan
import Foundation

/// Two devices note the same trip, apart and together.
@main
enum TripNotes {
    static func main() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("trip-notes-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do {
                try FileManager.default.removeItem(at: folder)
            } catch {
                print("\(folder.path) is left behind: \(error)")
            }
        }
        try await tell(in: folder.path)
    }

    private static func tell(in folder: String) async throws {
        chapter("Two devices, one fleet")
        let phone = try await make("phone", .phone, in: folder)
        let laptop = try await make("laptop", .laptop, joining: phone.fleet, in: folder)

        let trip = try await phone.write { fleet in
            let trip = try fleet.cells.insert(into: Trips.self)
            try fleet.cells.set(Trips.title, of: trip, to: "Summer")
            try fleet.cells.add("Basel", to: Trips.stops, of: trip)
            try fleet.cells.set(Trips.meetingPoint, of: trip, to: "the station")
            return trip
        }
        // What a user interface would show, now and whenever it changes.
        var shown = laptop.values(of: .trips).makeAsyncIterator()
        try await show(shown.next(), on: "laptop")
        try await meet(phone, laptop)
        try await show(shown.next(), on: "laptop")

        chapter("Apart, both go on")
        try await edit(trip, on: phone, laptop)
        try await show(shown.next(), on: "laptop")

        chapter("Together again")
        try await meet(phone, laptop)
        try await show(shown.next(), on: "laptop")
        try await show(phone.read { try Query.trips.value(in: $0) }, on: "phone")

        chapter("What lost is kept, and can be restored")
        try await restore(onEither: [("phone", phone), ("laptop", laptop)])
        try await meet(phone, laptop)
        try await show(shown.next(), on: "laptop")

        chapter("Any SQLite tool reads a replica")
        try await query(laptop)
        try await phone.close()
        try await laptop.close()
    }

    /// Makes a replica in a folder of its own that knows the app's collection.
    private static func make(
        _ name: String, _ deviceClass: DeviceClass, joining fleet: FleetID? = nil,
        in folder: String
    ) async throws -> Replica {
        var configuration = Replica.Configuration()
        configuration.schema = try Schema.fleet.adding(Trips.self)
        let replica = try await Replica.create(
            at: folder + "/" + name, fleet: fleet, name: name, deviceClass: deviceClass,
            configuration: configuration)
        print("\(name) \(fleet == nil ? "made" : "joined") fleet \(replica.fleet.abbreviated)")
        return replica
    }

    /// Edits the same trip on both devices while neither can reach the other.
    private static func edit(_ trip: RowID, on phone: Replica, _ laptop: Replica) async throws {
        try await phone.write { fleet in
            try fleet.cells.set(Trips.title, of: trip, to: "Basel to Berlin")
            try fleet.cells.add("Freiburg", to: Trips.stops, of: trip)
            try fleet.cells.increment(Trips.kilometres, of: trip, by: 70)
            try fleet.cells.set(Trips.meetingPoint, of: trip, to: "platform 4")
        }
        print("phone: another title, a stop more, 70 km more, another meeting point")
        try await laptop.write { fleet in
            try fleet.cells.set(Trips.title, of: trip, to: "By train to Berlin")
            try fleet.cells.add("Kassel", to: Trips.stops, of: trip)
            try fleet.cells.increment(Trips.kilometres, of: trip, by: 5)
            try fleet.cells.set(Trips.meetingPoint, of: trip, to: "the bakery")
        }
        print("laptop: yet another title, another stop, 5 km more, another meeting point")
    }

    private static func meet(_ phone: Replica, _ laptop: Replica) async throws {
        let outcome = try await Meeting.between(phone, and: laptop)
        let areEqual = try await phone.summary().digest == laptop.summary().digest
        print(
            "phone and laptop meet: \(outcome.cells) \(outcome.cells == 1 ? "cell" : "cells") in "
                + "\(outcome.bytes) bytes; "
                + "they are \(areEqual ? "equal" : "different")")
    }

    /// Shows what lost, and makes it the title again.
    ///
    /// Whose edit is the later one, the clocks have decided: on a fast machine both fall into one
    /// millisecond. What lost is kept where it was written, and wherever it had arrived by then.
    private static func restore(onEither devices: [(name: String, replica: Replica)]) async throws {
        for (name, replica) in devices {
            let lostValues = try await replica.lostValues()
            guard let newest = lostValues.first else { continue }
            for lost in lostValues {
                guard let field = replica.schema[lost.key.collection]?[lost.key.field],
                    let text = CellValue(encoded: lost.value)
                else { continue }
                print("lost: \(field.name) '\(text)' (\(lost.reason.rawValue))")
            }
            try await replica.restore(newest)
            print("the newest of them is restored on the \(name)")
            return
        }
    }

    private static func query(_ replica: Replica) async throws {
        let sql = "SELECT title, stops, kilometres FROM trips"
        print(sql)
        for row in try await replica.query(sql).rows {
            print(row.map(text).joined(separator: " | "))
        }
    }

    private static func text(_ value: SQLValue) -> String {
        switch value {
        case .null: "nothing"
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): text
        case .blob(let bytes): "\(bytes.count) bytes"
        }
    }

    // MARK: Transcript

    private static func chapter(_ title: String) { print("\n\(title)") }

    private static func show(_ trips: [Trip]?, on name: String) {
        let lines = trips?.map(\.description) ?? []
        print("\(name) shows: \(lines.isEmpty ? "no trips" : lines.joined(separator: " | "))")
    }
}
