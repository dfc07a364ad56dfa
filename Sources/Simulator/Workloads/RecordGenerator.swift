/// Makes up what the eSIM profiles of travellers hold, and how much they use.
///
/// The values are fictional; what matters to compression is theirs: how long they are, how many
/// different ones there are, and how much of them is random.
struct RecordGenerator {
    /// The fields of a profile, in the order in which they are written.
    static let fieldNames = [
        "iccid", "name", "smdp", "state", "apn", "mccmnc", "roaming", "updated",
    ]

    private static let states = [
        "available", "downloaded", "installed", "enabled", "disabled", "deleted",
    ]
    private static let servers = [
        "rsp.example.com", "smdp.example", "prod.smdp-plus.example.net",
        "sm-v4-064-a.esim.example.com", "lpa.ds.example.org", "consumer.e-sim.example",
        "dp-plus-lyon.example.com",
    ]
    private static let places = [
        "Italy", "Greece", "Mexico", "Canada", "Ghana", "Tunisia", "Nepal", "Iceland", "Sweden",
        "Bolivia", "Oman", "Vietnam", "World", "Americas", "Oceania", "Balkans",
    ]
    private static let accessPoints = [
        "internet", "roamdata", "plus", "mobiledata", "web.example.at", "citrus.world",
        "mobile.example.jp", "transit", "things.iot", "wap.example.cl", "gprs.example.com",
        "net.example.it", "data.example.me", "cmlk", "fast.m-example.com",
    ]
    private static let countries = [
        202, 204, 216, 219, 232, 244, 268, 302, 334, 405, 452, 466, 515, 730,
    ]

    private var random: SeededRandom
    /// What the field `updated` says next, roughly.
    private var clock: Int64

    init(_ random: SeededRandom, clock: Int64) {
        self.random = random
        self.clock = clock
    }

    /// A profile with all fields.
    mutating func profile(_ id: String) -> ReplayTrace.ProfileRecord {
        var fields: [ReplayTrace.Field] = []
        for name in Self.fieldNames { fields.append(.init(name, value(of: name))) }
        return .init(id: id, fields: fields)
    }

    /// An edit of one field of one profile, never of the ICCID.
    mutating func edit(
        of profiles: Int, by device: Int
    ) -> ReplayTrace.Operation {
        let id = Self.profileID(random.uniform(in: 0...profiles - 1))
        let field = random.choice(of: Array(Self.fieldNames.dropFirst()))
        return .set(device: device, profile: id, field: field, value(of: field))
    }

    /// One sample of usage, in KiB.
    mutating func usage() -> UInt64 { UInt64(random.uniform(in: 1...1500)) }

    /// A share, in percent.
    mutating func share() -> Int { random.uniform(in: 1...99) }

    /// A number of 0 to 99, for what happens so many times in a hundred.
    mutating func percent() -> Int { random.uniform(in: 0...99) }

    /// How the profile of a number is called.
    static func profileID(_ index: Int) -> String {
        let digits = String(index)
        return "p" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private mutating func value(of field: String) -> RecordValue {
        switch field {
        case "iccid":
            let digits = (0..<18).map { _ in String(random.uniform(in: 0...9)) }.joined()
            return .text("89" + digits)
        case "name":
            let place = random.choice(of: Self.places)
            let size = random.choice(of: [1, 3, 5, 10, 20, 50])
            return .text("\(place) \(size)GB \(random.choice(of: [7, 15, 30, 90]))d")
        case "smdp": return .text(random.choice(of: Self.servers))
        case "state": return .text(random.choice(of: Self.states))
        case "apn": return .text(random.choice(of: Self.accessPoints))
        case "mccmnc":
            let network = random.choice(of: ["01", "03", "10", "20"])
            return .text("\(random.choice(of: Self.countries))-\(network)")
        case "roaming": return .integer(Int64(random.uniform(in: 0...1)))
        default:
            clock += Int64(random.uniform(in: 20...3999))
            return .integer(clock)
        }
    }
}
