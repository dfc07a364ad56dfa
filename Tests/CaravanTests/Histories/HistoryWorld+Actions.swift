import Caravan
import SyncTestKit

extension HistoryWorld {
    /// Something that could be done on a device, whether or not it is possible.
    func anAction(on index: Int) async throws -> Action {
        let number = Int(random.next() % 1000)
        let profile = number % 3
        switch random.next() % 100 {
        case 0..<5: return .addProfile(profile, nickname: random.chance(50) ? "new \(number)" : nil)
        case 5..<15:
            let (field, text) = random.pick([
                (ProfileField.nickname, "\(number)"), (.apn, "apn.\(number)"),
                (.roaming, number.isMultiple(of: 2) ? "true" : "false"),
                (.homePLMN, "26\(100 + number % 900)"),
            ])
            return .setProfile(profile, field, text)
        case 15..<18: return .removeProfile(profile)
        case 18..<36:
            let amount = UsageAmount(
                received: ByteCount(UInt64(number)), sent: ByteCount(UInt64(number % 7)))
            return .recordUsage(country: random.pick(["JP", "CH", ""]), amount)
        case 36..<48: return poolAction(number)
        case 48..<58: return visitAction(number)
        default: return try await tripAction(on: index, number)
        }
    }

    private func poolAction(_ number: Int) -> Action {
        let amount = ByteCount(UInt64(number) * 10_000)
        switch number % 4 {
        case 0: return .grant(ByteCount(UInt64(1 + number) * 100_000))
        case 1: return .hand(amount, to: random.pick(seats).device)
        default: return .reserve(amount)
        }
    }

    private func visitAction(_ number: Int) -> Action {
        let place = random.pick(["Bern", "Basel"])
        switch number % 8 {
        case 0, 1: return .createVisit(place)
        case 2: return .deleteVisit(place)
        case 3, 4: return .remark(place, "remark \(number)")
        default: return .visit(place, UInt64(1 + number % 5))
        }
    }

    private func tripAction(on index: Int, _ number: Int) async throws -> Action {
        let trips = try await seats[index].replica.read { view in
            try view.cells.rows(of: Tours.self).map(\.key)
        }
        guard !trips.isEmpty, trips.count > 1 || !random.chance(30) else { return .createTrip }
        let trip = random.pick(trips)
        switch number % 40 {
        case 0: return .deleteTrip(trip)
        case 1: return .restoreTrip(model.aTrip(using: &random) ?? trip)
        default: return .inTrip(trip, fieldAction(index, number))
        }
    }

    private func fieldAction(_ index: Int, _ number: Int) -> TripAction {
        switch random.next() % 12 {
        case 0: .title("title \(number)")
        case 1: .note(number)
        case 2: .note(nil)
        case 3: .stamp(random.pick(["A", "B"]), adds: random.chance(60))
        case 4: .visited(random.pick(["X", "Y", "Z"]))
        case 5: .days(UInt64(1 + number % 9))
        case 6: .balance(Int64(number % 19) - 9)
        case 7: .stage(random.pick([.planned, .booked, .travelled]))
        case 8: .mood(number)
        case 9: .log(number)
        case 10: .override(to: number % 3, term: UInt64(1 + number % 2))
        default:
            number.isMultiple(of: 2)
                ? .offer(from: number % 3, to: (number / 3) % 3)
                : .answer(number % 3, accepts: random.chance(50))
        }
    }
}

extension HistoryModel {
    /// A trip that somebody made once.
    func aTrip(using random: inout SplitMix64) -> RowID? {
        let trips = deeds.compactMap { deed in
            if case .trip(let trip) = deed.thing { trip } else { nil }
        }
        return trips.isEmpty ? nil : random.pick(trips)
    }

    /// What a device has appended to its log in the present life of a trip, in order.
    func entries(of device: DeviceID, in trip: RowID, _ known: Set<Int>) -> [Int] {
        let about = known.sorted().map { deeds[$0] }.filter { $0.thing == .trip(trip) }
        let life = about.map(\.life).max() ?? 0
        return about.compactMap { deed in
            guard deed.device == device, deed.life == life,
                case .inTrip(_, .log(let number)) = deed.action
            else { return nil }
            return number
        }
    }
}
