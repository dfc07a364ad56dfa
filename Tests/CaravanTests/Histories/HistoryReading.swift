import Caravan

/// What a replica says, in the lines of ``HistoryModel/meaning(of:introduced:)``.
enum HistoryReading {
    static func lines(of view: FleetView<StoreSnapshot>) throws -> [String: String] {
        var lines: [String: String] = [:]
        for profile in try view.profiles() {
            guard let number = profile.iccid.digits.last?.wholeNumberValue else { continue }
            let thing = HistoryModel.Thing.profile(number)
            lines["\(thing)"] = "is there"
            for (field, text) in profile.fields { lines["\(thing) \(field.name)"] = text }
        }
        for record in try view.usage() {
            lines["usage of \(record.key.device) in \(record.key.country)"] =
                "\(record.amount.received.bytes) \(record.amount.sent.bytes)"
        }
        let pool = try view.pool(at: WallTime(milliseconds: 1))
        if !pool.grants.isEmpty {
            lines["pool"] = "\(pool.granted.bytes) granted, \(pool.reserved.bytes) reserved"
        }
        for allowance in pool.devices where allowance.available > .zero {
            lines["available to \(allowance.device)"] = "\(allowance.available.bytes)"
        }
        for trip in try view.cells.rows(of: Tours.self) { say(trip, &lines) }
        for visit in try view.cells.rows(of: Visits.self) {
            let thing = HistoryModel.Thing.visit(visit.key)
            lines["\(thing)"] = "is there"
            lines["\(thing) remark"] = visit[Visits.remark]
            if visit[Visits.count] > 0 { lines["\(thing) count"] = "\(visit[Visits.count])" }
        }
        return lines
    }

    private static func say(_ trip: RowContent<Tours>, _ lines: inout [String: String]) {
        let thing = HistoryModel.Thing.trip(trip.key)
        lines["\(thing)"] = "is there"
        lines["\(thing) title"] = trip[Tours.title]
        let notes = trip[Tours.notes].all
        if !notes.isEmpty {
            lines["\(thing) notes"] = notes.map(String.init).joined(separator: " ")
        }
        for stamp in trip[Tours.stamps] { lines["\(thing) stamp \(stamp)"] = "is there" }
        for place in trip[Tours.visited] { lines["\(thing) visited \(place)"] = "is there" }
        if trip[Tours.days] > 0 { lines["\(thing) days"] = "\(trip[Tours.days])" }
        if trip[Tours.balance] != 0 { lines["\(thing) balance"] = "\(trip[Tours.balance])" }
        if let stage = trip[Tours.stage] { lines["\(thing) stage"] = "\(stage.rawValue)" }
        for (device, mood) in trip[Tours.mood] { lines["\(thing) mood of \(device)"] = "\(mood)" }
        let states = trip[Tours.driver].states
        if !states.isEmpty {
            lines["\(thing) driver"] = states.map(Action.text).sorted().joined(separator: " or ")
        }
    }

    /// The entries of each device's log of each trip.
    static func logs(
        of view: FleetView<StoreSnapshot>
    ) throws -> [RowID: [DeviceID: [Int]]] {
        var logs: [RowID: [DeviceID: [Int]]] = [:]
        for trip in try view.cells.rows(of: Tours.self) { logs[trip.key] = trip[Tours.log] }
        return logs
    }
}
