import ReplicaModel

/// Profiles of a trace: rows are there as soon as something is written in them, and each value is a
/// field of which the later write wins.
enum RecordProfiles: RowCollection {
    static let id = CollectionID(rawValue: CollectionID.firstOfApp.rawValue)
    static let name = "profiles"
    static let rows = StandingRows<String>("id")
    static let fields: [any FieldOf<RecordProfiles>] = []
}

/// Shares of devices: a row for each device's number.
enum RecordAllocations: RowCollection {
    static let id = CollectionID(rawValue: CollectionID.firstOfApp.rawValue + 1)
    static let name = "allocations"
    static let rows = StandingRows<Int>("device")
    static let share = Field<RecordAllocations, LastWriter<RecordValue>>(1, "share")
    static let fields: [any FieldOf<RecordAllocations>] = [share]
}

/// Usage: one counter, of which each device has a part of its own.
enum RecordUsage: RowCollection {
    static let id = CollectionID(rawValue: CollectionID.firstOfApp.rawValue + 2)
    static let name = "usage"
    static let lane = Lane.usage
    static let rows = StandingRows<OnlyRow>()
    static let amount = Field<RecordUsage, Counter>(1, "amount")
    static let fields: [any FieldOf<RecordUsage>] = [amount]
}

/// The numbers of the fields of profiles: an app would have declared them.
struct RecordFields: Sendable {
    /// What the fields of an eSIM profile are called in traces, numbered from 1.
    private static let known = [
        "iccid", "name", "smdp", "state", "apn", "mccmnc", "roaming", "updated",
    ]

    private var numbers: [String: UInt32] = [:]

    /// Numbers the fields of a trace; those that are not known follow in the order in which they
    /// appear.
    init(of trace: ReplayTrace) {
        for name in Self.known { add(name) }
        for line in trace.lines {
            switch line.operation {
            case .load(_, let profiles, _):
                for profile in profiles { for field in profile.fields { add(field.name) } }
            case .set(_, _, let field, _): add(field)
            default: break
            }
        }
    }

    private mutating func add(_ name: String) {
        if numbers[name] == nil { numbers[name] = UInt32(numbers.count + 1) }
    }

    subscript(name: String) -> Field<RecordProfiles, LastWriter<RecordValue>> {
        Field(numbers[name] ?? 0, name)
    }
}
