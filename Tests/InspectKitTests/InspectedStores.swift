import CausalTime
import FleetModel
import Foundation
import ReplicaModel
import ReplicaStore

/// Two devices of a fleet in folders of one test, as `caravan init` would have made them.
final class InspectedStores {
    let folder = NSTemporaryDirectory() + "inspect-tests-" + UUID().uuidString
    let fleet = FleetID(high: 0xf1ee_7000_0000_0000, low: 1)
    let phone = DeviceID(high: 0xaaaa_aaaa_0000_0000, low: 1)
    let laptop = DeviceID(high: 0xbbbb_bbbb_0000_0000, low: 2)
    /// 2025-11-24T12:00:00Z, when the tests take place.
    let noon: Int64 = 1_763_985_600_000

    init() throws {
        try make("phone", phone, .phone)
        try make("laptop", laptop, .laptop)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            print("cannot remove \(folder): \(error)")
        }
    }

    /// The folder of a replica.
    func store(_ name: String) -> String { folder + "/" + name }

    /// The database of a replica.
    func database(_ name: String) -> String { store(name) + "/replica.sqlite" }

    var now: Date { Date(timeIntervalSince1970: Double(noon) / 1000) }

    /// Makes a replica whose nonces are those of the test, so that reports are the same every time.
    func make(_ name: String, _ device: DeviceID, _ deviceClass: DeviceClass, fleet: FleetID? = nil)
        throws
    {
        try FileManager.default.createDirectory(
            atPath: store(name), withIntermediateDirectories: true)
        try ReplicaStore.create(at: database(name), fleet: fleet ?? self.fleet, device: device)
        try change(name) { try $0.joinFleet(name: name, deviceClass: deviceClass) }
    }

    private func open(_ name: String) throws -> ReplicaStore {
        var options = ReplicaStore.Options()
        options.mark = TrustingMark(database: database(name))
        options.drawNonce = { 1 }
        return try ReplicaStore.open(at: database(name), options: options)
    }

    /// Changes a replica, `seconds` after noon.
    func change(
        _ name: String, at seconds: Int64 = 0,
        _ body: (FleetChanges<StoreTransaction>) throws -> Void
    ) throws {
        let store = try open(name)
        try store.write(at: WallTime(milliseconds: noon + 1000 * seconds)) {
            try body(FleetChanges($0))
        }
        try store.close()
    }

    /// Brings two replicas together: each takes what the other had when they met.
    func meet(_ first: String = "phone", _ second: String = "laptop") throws {
        let stores = (try open(first), try open(second))
        let vectors = (try stores.0.summary().vectors, try stores.1.summary().vectors)
        for lane in Lane.all {
            let segments = (
                try stores.0.segment(of: lane, since: vectors.1[lane]),
                try stores.1.segment(of: lane, since: vectors.0[lane])
            )
            _ = try stores.1.apply(segments.0)
            _ = try stores.0.apply(segments.1)
        }
        try stores.0.close()
        try stores.1.close()
    }

    /// Runs `body` while a replica is open.
    func serving(_ name: String, _ body: (ReplicaStore) throws -> Void) throws {
        let store = try open(name)
        try body(store)
        try store.close()
    }

    /// The bytes of all files of a replica.
    func contents(of name: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: store(name)) {
            contents[file] = try Data(contentsOf: URL(fileURLWithPath: store(name) + "/" + file))
        }
        return contents
    }

    /// A trip in small: a pool of 20 GB, a profile that both edited, traffic on both.
    func travel() throws {
        let profile = try ICCID("89490200001234567890")
        try change("phone") { fleet in
            try fleet.addProfile(profile, [.nickname: "Japan, 10 GB", .roaming: "true"])
            try fleet.setPeriod("2025-11")
            _ = try fleet.grant(
                .gigabytes(20), from: WallTime(milliseconds: noon - 86_400_000),
                until: WallTime(milliseconds: noon + 30 * 86_400_000))
        }
        try meet()
        try change("phone") { fleet in
            let shares = [(self.phone, 6000), (self.laptop, 4000)].compactMap { device, points in
                Share(basisPoints: points).map { (key: device, share: $0) }
            }
            _ = try fleet.allocate(shares)
        }
        try meet()
        try change("phone", at: 60) { try $0.setProfile(profile, .nickname, to: "by the phone") }
        try change("laptop", at: 90) { try $0.setProfile(profile, .nickname, to: "by the laptop") }
        try meet()
        try change("phone", at: 120) { fleet in
            try fleet.setProfile(profile, .nickname, to: "on the phone")
            _ = try fleet.reserve(.megabytes(5))
            try fleet.recordUsage(
                UsageAmount(received: .megabytes(4), sent: ByteCount(500_000)),
                iccid: profile.digits, country: "CH")
        }
        try change("laptop", at: 180) { fleet in
            try fleet.setProfile(profile, .nickname, to: "on the laptop")
            try fleet.setProfile(profile, .apn, to: "internet")
            try fleet.recordUsage(UsageAmount(received: .megabytes(2)), country: "DE")
        }
    }
}

/// Proves continuity without a file: the tests know that nobody else touches the replica.
private struct TrustingMark: ContinuityMark {
    let database: String

    func read() -> MarkContent? {
        // Whatever has been written is what was marked; a fresh replica has no mark.
        do {
            let writer = try ReplicaStore.contents(of: database).writer
            return writer == nil ? nil : MarkContent(nonce: 1, written: 0)
        } catch {
            return nil
        }
    }

    func write(_ content: MarkContent) {}
}
