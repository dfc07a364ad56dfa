import Caravan
import Foundation

/// Replicas that workloads begin with, closed cleanly.
enum Fixtures {
    /// The fields of every profile here; with its row that makes four cells.
    static let cellsPerProfile = 4
    private static let recordsPerWrite = 1000

    // MARK: Replicas

    /// A traveller's first week: two profiles, one grant, some usage.
    static func small(in folder: String) async throws {
        let replica = try await Replica.create(at: folder, name: "phone", deviceClass: .phone)
        try await replica.write { fleet in
            try addProfiles(0..<2, to: fleet)
            let now = fleet.cells.now
            let end = WallTime(milliseconds: now.milliseconds + 30 * 86_400_000)
            _ = try fleet.grant(.gigabytes(10), from: now, until: end)
            _ = try fleet.reserve(.megabytes(400))
            try recordUsage(0..<7, to: fleet)
        }
        try await replica.close()
    }

    /// Where the profiles and the usage of a replica of ten thousand cells end.
    static let profiles = 1250
    static let records = 2500
    /// The sequence of the last write to ``editedProfile()``, which is its lane's last.
    static let lastEdit = profiles * cellsPerProfile + 1

    /// Ten thousand cells: half of them profiles, half of them usage.
    static func tenThousandCells(in folder: String) async throws {
        let replica = try await Replica.create(at: folder, name: "phone", deviceClass: .phone)
        try await replica.write { try addProfiles(0..<profiles, to: $0) }
        try await replica.write { try recordUsage(0..<records, to: $0) }
        let profile = try editedProfile()
        try await replica.write { try $0.setProfile(profile, .nickname, to: "the last edit") }
        try await replica.close()
    }

    /// The profile that is edited again and again.
    static func editedProfile() throws -> ICCID { try iccid(profiles / 2) }

    // MARK: Stores

    /// A store with `cells` cells in the settings lane or the usage lane.
    ///
    /// It keeps nothing up: a fleet of one would forget at once, and send snapshots only.
    static func store(of cells: Int, in lane: Lane, at path: String) throws {
        try emptyStore(at: path)
        let store = try ReplicaStore.open(at: path)
        let count = lane == .usage ? cells / 2 : cells / cellsPerProfile
        for start in stride(from: 0, to: count, by: recordsPerWrite) {
            let numbers = start..<min(start + recordsPerWrite, count)
            try store.write(at: time) { transaction in
                let fleet = FleetChanges(transaction)
                if lane == .usage {
                    try recordUsage(numbers, to: fleet)
                } else {
                    try addProfiles(numbers, to: fleet)
                }
            }
        }
        try store.close()
    }

    /// A store of another device of the same fleet, with nothing in it.
    static func emptyStore(at path: String) throws {
        var random = SystemRandomNumberGenerator()
        try ReplicaStore.create(at: path, fleet: fleet, device: .random(using: &random))
    }

    private static let fleet = FleetID(high: 1, low: 1)
    private static let time = WallTime(milliseconds: 1_800_000_000_000)

    // MARK: Content

    /// Records usage of distinct keys, one counter for each direction.
    static func recordUsage(
        _ numbers: Range<Int>, onlyReceived: Bool = false,
        to fleet: FleetChanges<some CellWriting>
    ) throws {
        for number in numbers {
            try fleet.recordUsage(
                UsageAmount(
                    received: ByteCount(UInt64(1_000_000 + number)),
                    sent: onlyReceived ? .zero : ByteCount(UInt64(10_000 + number))),
                iccid: "8999999000000001014", epoch: UInt64(number), country: "JP")
        }
    }

    private static func addProfiles(
        _ numbers: Range<Int>, to fleet: FleetChanges<some CellWriting>
    ) throws {
        for number in numbers {
            try fleet.addProfile(
                iccid(number),
                [.nickname: "profile \(number)", .provider: "Example", .apn: "internet.example"])
        }
    }

    private static func iccid(_ number: Int) throws -> ICCID {
        let digits = String(number)
        return try ICCID("899999900" + String(repeating: "0", count: 10 - digits.count) + digits)
    }
}
