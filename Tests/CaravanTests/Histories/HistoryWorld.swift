import Caravan
import Foundation
import SyncTestKit

/// A few replicas in folders that are used, meet, lose bytes, are restored and copied, at random.
///
/// The schedule is that of the seed; identifiers and times are what they happen to be.
final class HistoryWorld {
    /// What went wrong, in a few lines.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// A folder with a replica.
    struct Seat {
        let folder: String
        var replica: Replica
        let device: DeviceID
        /// Whether it is never restored or copied.
        let isSteady: Bool
        var backups: [Backup] = []
    }

    /// A copy of a folder, and what the replica in it knew of.
    struct Backup {
        let folder: String
        let known: Set<Int>
    }

    var random: SplitMix64
    private(set) var seats: [Seat] = []
    private(set) var model = HistoryModel()
    private(set) var counts = Counts()
    private let folder: String
    private var folders = 0

    /// How often what a history is there for has happened.
    struct Counts {
        var meetings = 0
        var cuts = 0
        var damaged = 0
        var restores = 0
        var copies = 0
        var frozen = 0
    }

    init(seed: Seed, count: Int) async throws {
        random = seed.generator
        folder = NSTemporaryDirectory() + "histories-" + UUID().uuidString
        var fleet: FleetID?
        for number in 0..<count {
            let path = newFolder()
            let replica = try await Replica.create(
                at: path, fleet: fleet, name: "device \(number)", deviceClass: .phone,
                configuration: Self.configuration())
            fleet = replica.fleet
            seats.append(
                Seat(
                    folder: path, replica: replica, device: replica.device,
                    isSteady: number.isMultiple(of: 2)))
        }
    }

    static func configuration() throws -> Replica.Configuration {
        var configuration = Replica.Configuration()
        configuration.schema = try Schema.fleet.adding(Tours.self).adding(Visits.self)
        return configuration
    }

    private func newFolder() -> String {
        folders += 1
        return folder + "/\(folders)"
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: folder) } catch { print(error) }
    }

    // MARK: Steps

    func step() async throws {
        let index = Int(random.next() % UInt64(seats.count))
        switch random.next() % 100 {
        case 0..<60: try await act(index)
        case 60..<84: try await meetAnyone(index)
        case 84..<87: try await tidy(index)
        case 87..<90: try await reopen(index)
        case 90..<94: try await backUp(index)
        case 94..<98: try await restore(index)
        default: try await copy(index)
        }
        try await check(index)
    }

    /// Does something on a device.
    func act(_ index: Int) async throws {
        let action = try await anAction(on: index)
        do {
            let outcome = try await seats[index].replica.write { try action.perform(on: $0) }
            model.note(action, by: seats[index].device, outcome)
        } catch is FleetError {
            // Refused, as it should be: no such profile, no such rights.
            return
        } catch is SchemaError {
            return
        } catch let error as StoreError where error.code == .rightsFrozen {
            // A restored or copied device does not know yet what it has spent.
            counts.frozen += 1
            return
        }
        let book = model.poolBook
        guard book.reserved <= book.granted else {
            throw Fault(description: "I6: \(book.reserved) reserved of \(book.granted) granted")
        }
    }

    /// Does something that is always possible.
    private func use(_ index: Int) async throws {
        let action = Action.recordUsage(
            country: "FR", UsageAmount(received: ByteCount(random.next() % 100 + 1)))
        let outcome = try await seats[index].replica.write { try action.perform(on: $0) }
        model.note(action, by: seats[index].device, outcome)
    }

    /// Proposes what may be forgotten; at times a device is given up, which comes back by itself.
    private func tidy(_ index: Int) async throws {
        let other = random.pick(seats).device
        let retires = random.chance(20) && other != seats[index].device
        try await seats[index].replica.write { fleet in
            for lane in Lane.all { try fleet.cells.proposeCut(of: lane) }
            if retires { try fleet.cells.retire(other) }
        }
    }

    // MARK: Files

    private func reopen(_ index: Int) async throws {
        try await seats[index].replica.close()
        seats[index].replica = try Self.open(seats[index].folder)
    }

    private static func open(_ folder: String) throws -> Replica {
        try Replica.open(at: folder, configuration: configuration())
    }

    private func backUp(_ index: Int) async throws {
        guard !seats[index].isSteady else { return }
        let known = try await known(index)
        let path = newFolder()
        try await seats[index].replica.close()
        try FileManager.default.copyItem(atPath: seats[index].folder, toPath: path)
        seats[index].replica = try Self.open(seats[index].folder)
        seats[index].backups.append(Backup(folder: path, known: known))
    }

    /// Puts a backup back, as other files or into the same ones.
    private func restore(_ index: Int) async throws {
        guard !seats[index].backups.isEmpty else { return }
        let backup = random.pick(seats[index].backups)
        try await seats[index].replica.close()
        if random.chance(50) {
            try FileManager.default.removeItem(atPath: seats[index].folder)
            try FileManager.default.copyItem(atPath: backup.folder, toPath: seats[index].folder)
        } else {
            try Self.overwrite(seats[index].folder, with: backup.folder)
        }
        seats[index].replica = try Self.open(seats[index].folder)
        counts.restores += 1
        guard try await known(index) == backup.known else {
            throw Fault(description: "a restored replica does not know what its backup knew")
        }
    }

    /// Opens a copy of a device's folder elsewhere, beside the original.
    private func copy(_ index: Int) async throws {
        guard !seats[index].isSteady, seats.count < 6 else { return }
        let path = newFolder()
        try await seats[index].replica.close()
        try FileManager.default.copyItem(atPath: seats[index].folder, toPath: path)
        seats[index].replica = try Self.open(seats[index].folder)
        seats.append(
            Seat(
                folder: path, replica: try Self.open(path), device: seats[index].device,
                isSteady: false))
        counts.copies += 1
    }

    private static func overwrite(_ folder: String, with other: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: other) {
            guard let bytes = FileManager.default.contents(atPath: other + "/" + name),
                let handle = FileHandle(forWritingAtPath: folder + "/" + name)
            else { throw Fault(description: "\(name) cannot be put back") }
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: bytes)
            try handle.close()
        }
    }

    // MARK: Meeting

    private func meetAnyone(_ index: Int) async throws {
        let others = seats.indices.filter { seats[$0].device != seats[index].device }
        guard let other = others.isEmpty ? nil : random.pick(others) else { return }
        switch random.next() % 100 {
        case 0..<50: try await meet(index, other, .whole)
        case 50..<70: try await meet(index, other, .cut(after: Int(random.next() % 800)))
        default:
            let kind = random.pick(HistoryCarrier.Damage.allCases)
            try await meet(index, other, .damaged(kind, after: Int(random.next() % 800)))
        }
        try await check(other)
    }

    /// Lets two replicas exchange over a carrier that may be bad; at times one of them is used
    /// meanwhile.
    private func meet(
        _ one: Int, _ other: Int, _ fate: HistoryCarrier.Fate, areUsed: Bool = true
    ) async throws {
        let before = try await known(one).union(known(other))
        var carrier = HistoryCarrier(
            seats[one].replica.session(with: seats[other].device),
            seats[other].replica.answeringSession(), fate: fate)
        try carrier.start(using: &random)
        while try carrier.carry(using: &random) {
            guard areUsed, random.chance(4) else { continue }
            let writer = random.chance(50) ? 0 : 1
            try await act([one, other][writer])
            try carrier.notice(writer)
        }
        switch fate {
        case .whole:
            counts.meetings += 1
            guard carrier.isSynchronized else {
                let ends = try await (
                    seats[one].replica.summary(), seats[other].replica.summary()
                )
                throw Fault(
                    description: "an exchange over a good carrier ended: \(carrier); "
                        + Lane.all.map {
                            "\($0): \(ends.0.vectors[$0].dominates(ends.1.frontier[$0])) "
                                + "\(ends.1.vectors[$0].dominates(ends.0.frontier[$0]))"
                        }.joined(separator: ", "))
            }
            let (mine, theirs) = (try await known(one), try await known(other))
            guard mine.isSuperset(of: before), theirs.isSuperset(of: before) else {
                throw Fault(description: "an exchange that went well left something out")
            }
        case .cut: counts.cuts += 1
        case .damaged(let kind, _):
            guard carrier.hasDamaged else { return }
            counts.damaged += 1
            if try carrier.endsWithError() { return }
            // What was spoilt was the end of all that was sent: it shows with what comes next.
            for (side, index) in [one, other].enumerated() {
                try await use(index)
                try carrier.notice(side)
            }
            while try carrier.carry(using: &random) { continue }
            guard try carrier.endsWithError() else {
                throw Fault(description: "bytes that were \(kind) went unnoticed")
            }
        }
    }

    /// All meet until everyone knows of everything that anyone knows of.
    func heal() async throws {
        var all: Set<Int> = []
        for index in seats.indices { all.formUnion(try await known(index)) }
        for _ in 0..<4 {
            for one in seats.indices {
                for other in seats.indices where seats[one].device != seats[other].device {
                    try await meet(one, other, .whole, areUsed: false)
                }
            }
        }
        var digests: Set<Digest> = []
        for index in seats.indices {
            try await check(index)
            guard try await known(index).isSuperset(of: all) else {
                throw Fault(description: "seat \(index) has not heard of everything")
            }
            digests.insert(try await seats[index].replica.summary().digest)
        }
        guard digests.count == 1 else { throw Fault(description: "I5: digests differ in the end") }
    }

    // MARK: Looking

    private func known(_ index: Int) async throws -> Set<Int> {
        model.known(under: try await seats[index].replica.summary().vectors)
    }

    /// Checks that a replica says exactly what it knows of.
    private func check(_ index: Int) async throws {
        let (said, logs, vectors) = try await seats[index].replica.read { view in
            (
                try HistoryReading.lines(of: view), try HistoryReading.logs(of: view),
                view.cells.vectors
            )
        }
        let known = model.known(under: vectors)
        let expected = model.meaning(of: known) { vectors[.control][$0] > 0 }
        guard said == expected else {
            let wrong = Set(said.keys).union(expected.keys).sorted()
                .filter { said[$0] != expected[$0] }
            throw Fault(
                description: "seat \(index): "
                    + wrong.map {
                        "\($0): says \(said[$0] ?? "nothing"), "
                            + "expected \(expected[$0] ?? "nothing")"
                    }.joined(separator: "; "))
        }
        try check(logs, known, index)
    }

    /// A log holds the latest entries of each device; of one that was restored, entries of several
    /// pasts, none of them made up.
    private func check(
        _ logs: [RowID: [DeviceID: [Int]]], _ known: Set<Int>, _ index: Int
    ) throws {
        for (trip, entries) in logs {
            for (device, numbers) in entries {
                let appended = model.entries(of: device, in: trip, known)
                let isSteady = seats.contains { $0.device == device && $0.isSteady }
                let isRight =
                    isSteady
                    ? numbers == Array(appended.suffix(Tours.log.type.capacity))
                    : numbers.count <= Tours.log.type.capacity
                        && Set(appended).isSuperset(of: numbers)
                guard isRight else {
                    throw Fault(
                        description: "seat \(index): log of \(device) says \(numbers), appended "
                            + "were \(appended)")
                }
            }
        }
    }
}
