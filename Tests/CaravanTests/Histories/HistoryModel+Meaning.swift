import Caravan

extension HistoryModel {
    /// What a replica has to say that knows of these deeds and of the devices of these writers, a
    /// line for each fact.
    func meaning(of known: Set<Int>, introduced: (WriterID) -> Bool) -> [String: String] {
        var lines: [String: String] = [:]
        let deeds = known.sorted().map { ($0, self.deeds[$0]) }
        for (thing, about) in Dictionary(grouping: deeds, by: { $0.1.thing }) {
            let life = about.map(\.1.life).max() ?? 0
            let present = about.filter { $0.1.life == life }
            switch thing {
            case .usage: sayUsage(about, &lines)
            case .pool: sayPool(about, &lines)
            case .profile, .trip, .visit:
                // Created and deleted in turn: odd lives are there.
                guard !life.isMultiple(of: 2) else { continue }
                lines["\(thing)"] = "is there"
                sayRow(thing, present, introduced, &lines)
            }
        }
        return lines
    }

    // MARK: Sums

    private func sayUsage(_ deeds: [(Int, Deed)], _ lines: inout [String: String]) {
        var sums: [String: (UInt64, UInt64)] = [:]
        for (_, deed) in deeds {
            guard case .recordUsage(let country, let amount) = deed.action else { continue }
            let key = "usage of \(deed.device) in \(country)"
            let sum = sums[key] ?? (0, 0)
            sums[key] = (sum.0 + amount.received.bytes, sum.1 + amount.sent.bytes)
        }
        for (key, sum) in sums { lines[key] = "\(sum.0) \(sum.1)" }
    }

    private func sayPool(_ deeds: [(Int, Deed)], _ lines: inout [String: String]) {
        var granted: UInt64 = 0
        var reserved: UInt64 = 0
        var balances: [DeviceID: UInt64] = [:]
        for (_, deed) in deeds {
            switch deed.action {
            case .grant(let bytes):
                granted += bytes.bytes
                balances[deed.device, default: 0] += bytes.bytes
            case .hand(let bytes, let device):
                balances[deed.device, default: 0] &-= bytes.bytes
                balances[device, default: 0] += bytes.bytes
            case .reserve:
                reserved += deed.reserved.bytes
                balances[deed.device, default: 0] &-= deed.reserved.bytes
            default: continue
            }
        }
        lines["pool"] = "\(granted) granted, \(reserved) reserved"
        for (device, balance) in balances where balance > 0 {
            lines["available to \(device)"] = "\(balance)"
        }
    }

    // MARK: Rows

    private func sayRow(
        _ thing: Thing, _ deeds: [(Int, Deed)], _ introduced: (WriterID) -> Bool,
        _ lines: inout [String: String]
    ) {
        for (field, writes) in Dictionary(grouping: deeds, by: { $0.1.action.field }) {
            guard let field else { continue }
            let key = "\(thing) \(field)"
            switch field.kind {
            case .latest: lines[key] = latest(writes)?.1.action.text
            case .concurrent:
                let values = unreplaced(writes).sorted { Self.isLater($0.1, $1.1) }
                    .compactMap(\.1.action.text)
                if !values.isEmpty { lines[key] = values.joined(separator: " ") }
            case .present:
                if unreplaced(writes).contains(where: { $0.1.action.text != nil }) {
                    lines[key] = "is there"
                }
            case .sum:
                let sum = writes.reduce(0) { $0 + $1.1.action.amount }
                if sum != 0 { lines[key] = "\(sum)" }
            case .furthest: lines[key] = "\(writes.map(\.1.action.amount).max() ?? 0)"
            case .own:
                for (device, own) in Dictionary(grouping: writes, by: \.1.device) {
                    let told = own.filter { introduced($0.1.dot.writer) }
                    if let write = latest(unreplaced(told)) {
                        lines["\(key) of \(device)"] = write.1.action.text
                    }
                }
            case .right:
                let greatest = writes.compactMap(\.1.token).max { $0.lexicographicallyPrecedes($1) }
                let standing = Set(writes.filter { $0.1.token == greatest }.compactMap(\.1.right))
                lines[key] = standing.sorted().joined(separator: " or ")
            }
        }
    }

    private func latest(_ deeds: [(Int, Deed)]) -> (Int, Deed)? {
        deeds.max { Self.isLater($1.1, $0.1) }
    }

    /// Those that no other one had seen.
    private func unreplaced(_ deeds: [(Int, Deed)]) -> [(Int, Deed)] {
        deeds.filter { deed in !deeds.contains { $0.1.seen.contains(deed.0) } }
    }

    private static func isLater(_ one: Deed, _ other: Deed) -> Bool {
        (one.stamp, one.dot) > (other.stamp, other.dot)
    }
}

/// A field that deeds are about, and what it says of several.
struct HistoryField: Hashable, CustomStringConvertible {
    enum Kind { case latest, concurrent, present, sum, furthest, own, right }

    let description: String
    let kind: Kind

    init(_ name: String, _ kind: Kind) {
        description = name
        self.kind = kind
    }
}

extension Action {
    /// The field that it writes; nothing if it is about the whole row.
    ///
    /// Logs are looked at apart.
    fileprivate var field: HistoryField? {
        switch self {
        case .addProfile(_, let nickname): nickname.map { _ in HistoryField("nickname", .latest) }
        case .setProfile(_, let field, _): HistoryField(field.name, .latest)
        case .remark: HistoryField("remark", .latest)
        case .visit: HistoryField("count", .sum)
        case .inTrip(_, let action): action.field
        default: nil
        }
    }

    /// What it writes; nothing if it removes.
    fileprivate var text: String? {
        switch self {
        case .addProfile(_, let nickname): nickname
        case .setProfile(_, _, let text), .remark(_, let text): text
        case .inTrip(_, .title(let text)), .inTrip(_, .stamp(let text, true)),
            .inTrip(_, .visited(let text)):
            text
        case .inTrip(_, .note(let number?)), .inTrip(_, .mood(let number)): "\(number)"
        default: nil
        }
    }

    fileprivate var amount: Int64 {
        switch self {
        case .visit(_, let count), .inTrip(_, .days(let count)): Int64(count)
        case .inTrip(_, .balance(let amount)): amount
        case .inTrip(_, .stage(let stage)): Int64(stage.rawValue)
        default: 0
        }
    }
}

extension TripAction {
    fileprivate var field: HistoryField? {
        switch self {
        case .title: HistoryField("title", .latest)
        case .note: HistoryField("notes", .concurrent)
        case .stamp(let text, _): HistoryField("stamp \(text)", .present)
        case .visited(let text): HistoryField("visited \(text)", .present)
        case .days: HistoryField("days", .sum)
        case .balance: HistoryField("balance", .sum)
        case .stage: HistoryField("stage", .furthest)
        case .mood: HistoryField("mood", .own)
        case .log: nil
        case .override, .offer, .answer: HistoryField("driver", .right)
        }
    }
}

extension HistoryModel.Deed {
    /// The numbers of a right's token, and whether it is on offer.
    fileprivate var token: [Int]? {
        guard let right, let numbers = right.split(separator: " ").first else { return nil }
        return numbers.split(separator: ".").compactMap { Int($0) }
            + [right.contains("offers") ? 1 : 0]
    }
}
