/// Which operations a random world is made of: each kind is on or off, and weighs more or less.
struct SwarmMix {
    private enum Kind: CaseIterable {
        case profile, usage, pool, trip, tripField, place
    }

    private var random: SeededRandom
    private var kinds: [Kind] = []

    init(_ random: SeededRandom) {
        self.random = random
        for kind in Kind.allCases where self.random.unit() < 0.6 {
            let weight = self.random.uniform(in: 1...6)
            kinds += Array(repeating: kind, count: weight)
        }
        if kinds.isEmpty { kinds = Kind.allCases }
    }

    /// The next operation; its number makes what it writes unique.
    mutating func operation(_ number: Int, devices: Int) -> SwarmOperation {
        switch random.choice(of: kinds) {
        case .profile: profile(number)
        case .usage:
            .recordUsage(
                country: random.choice(of: ["JP", "CH", ""]),
                received: UInt64(random.uniform(in: 1...5_000_000)),
                sent: UInt64(random.uniform(in: 0...9000)))
        case .pool: pool(devices: devices)
        case .trip: trip()
        case .tripField: .trip(pick: random.uniform(in: 0...9), action: field(number, devices))
        case .place: place(number)
        }
    }

    private mutating func profile(_ number: Int) -> SwarmOperation {
        let profile = random.uniform(in: 0...2)
        switch random.uniform(in: 0...9) {
        case 0...2:
            return .addProfile(
                number: profile, nickname: random.unit() < 0.5 ? "new \(number)" : nil)
        case 3: return .removeProfile(number: profile)
        default:
            let (field, text) = random.choice(of: [
                (UInt32(1), "name \(number)"), (4, "apn.\(number)"),
                (5, number.isMultiple(of: 2) ? "true" : "false"), (3, "26\(100 + number % 900)"),
            ])
            return .setProfile(number: profile, field: field, text: text)
        }
    }

    private mutating func pool(devices: Int) -> SwarmOperation {
        let bytes = UInt64(random.logUniform(in: 1_000...60_000_000))
        let hours = random.unit() < 0.3 ? random.uniform(in: 1...8) : nil
        switch random.uniform(in: 0...15) {
        case 0, 1: return .grant(bytes: UInt64(random.uniform(in: 10_000_000...99_999_999)))
        case 2...4:
            return .hand(bytes: bytes, to: random.uniform(in: 0...devices - 1), leaseHours: hours)
        case 5, 6: return .allocate(leaseHours: hours)
        case 7, 8: return .request(bytes: bytes)
        case 9: return random.unit() < 0.2 ? .closePart : .reserve(bytes: bytes)
        default: return .reserve(bytes: bytes)
        }
    }

    private mutating func trip() -> SwarmOperation {
        switch random.uniform(in: 0...5) {
        case 0...2: .createTrip
        case 3, 4: .deleteTrip(pick: random.uniform(in: 0...9))
        default: .restoreTrip(pick: random.uniform(in: 0...9))
        }
    }

    private mutating func field(_ number: Int, _ devices: Int) -> SwarmOperation.TripAction {
        switch random.uniform(in: 0...11) {
        case 0, 1: .title(text: "title \(number)")
        case 2: .note(number: number)
        case 3: .note(number: nil)
        case 4: .stamp(text: random.choice(of: ["A", "B"]), adds: random.unit() < 0.6)
        case 5: .visited(text: random.choice(of: ["X", "Y", "Z"]))
        case 6: .days(count: UInt64(random.uniform(in: 1...9)))
        case 7: .balance(amount: Int64(1 + number % 9) * (number.isMultiple(of: 2) ? 1 : -1))
        case 8: .stage(rank: random.uniform(in: 0...2))
        case 9: .override(to: random.uniform(in: 0...devices - 1))
        case 10: .offer(to: random.uniform(in: 0...devices - 1))
        default: .answer(accepts: random.unit() < 0.7)
        }
    }

    private mutating func place(_ number: Int) -> SwarmOperation {
        let name = random.choice(of: ["Bern", "Basel"])
        switch random.uniform(in: 0...9) {
        case 0...2: return .createPlace(name: name)
        case 3: return .deletePlace(name: name)
        case 4...6: return .remark(place: name, text: "remark \(number)")
        default: return .visit(place: name, count: UInt64(random.uniform(in: 1...5)))
        }
    }
}
