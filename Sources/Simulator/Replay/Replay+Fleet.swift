import CausalTime
import Foundation
import ReplicaModel
import ReplicaStore
import SyncEngine

extension Replay {
    /// Devices that no line names before the fleet stabilizes for the first time, but a later one
    /// does: they cannot have acknowledged anything, so they become members when they come.
    static func latecomers(of trace: ReplayTrace) -> Set<Int> {
        let first = trace.lines.firstIndex { $0.operation == .stabilize }
        guard let first else { return [] }
        let early = Set(trace.lines[..<first].flatMap(\.operation.named))
        guard !early.isEmpty else { return [] }
        return Set(trace.lines[first...].flatMap(\.operation.named)).subtracting(early)
    }

    static func fleet(
        of trace: ReplayTrace, at clock: Int64, options: ReplayOptions
    ) throws -> [ReplayDevice] {
        if let folder = options.folder { try prepare(folder, for: trace.devices) }
        let random = SeededRandom(seed: 1)
        var identifiers = random.fork(label: "fleet")
        let fleet = FleetID.random(using: &identifiers)
        return try (0..<trace.devices).map { index in
            try ReplayDevice(
                index: index, fleet: fleet, random: random.fork(label: "device/\(index)"),
                clock: clock, folder: options.folder)
        }
    }

    /// Makes the folder for the replicas' files, or says why it cannot be one.
    private static func prepare(_ folder: String, for devices: Int) throws(InputError) {
        func mistake(_ message: String) -> InputError {
            InputError(file: folder, line: 0, column: 0, message: message)
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            let cause = (error as? CocoaError)?.underlying as? POSIXError
            let reason = cause.map { String(cString: strerror($0.code.rawValue)).lowercased() }
            throw mistake("cannot be a folder for replicas: \(reason ?? "\(error)")")
        }
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw mistake("cannot be a folder for replicas: permission denied")
        }
        // Before the first is made: a replay that fails leaves no half of a fleet.
        for index in 0..<devices {
            let path = ReplayDevice.path(of: index, in: folder)
            guard !FileManager.default.fileExists(atPath: path) else {
                throw mistake("holds replicas already; name a folder that has none")
            }
        }
    }

    /// Gives every replica the same beginning: all writers are introduced, all members admitted,
    /// and every member has acknowledged that.
    func introduce() throws {
        let host = devices[0]
        for device in devices {
            try device.store.write(at: device.wall) { _ = try $0.writer() }
            if device !== host { try host.take(.control, from: device) }
        }
        try host.store.write(at: host.wall) { transaction in
            for device in devices where !absent.contains(device.index) {
                try transaction.admit(device.identity.device)
            }
        }
        try handOut(from: host)
        try host.store.write(at: host.wall) { try $0.proposeCut(of: .control) }
        try handOut(from: host)
        for device in devices where !absent.contains(device.index) {
            try device.store.write(at: device.wall) { _ = try $0.acknowledgeCuts() }
            if device !== host { try host.take(.control, from: device) }
        }
        try handOut(from: host)
    }

    /// The control lane of one device, to all others.
    private func handOut(from host: ReplayDevice) throws {
        for device in devices where device !== host { try device.take(.control, from: host) }
    }

    /// Makes a latecomer a member: the others learn of it, and it who the fleet consists of.
    func join(_ device: ReplayDevice) throws {
        absent.remove(device.index)
        let present = devices.filter { !absent.contains($0.index) && $0 !== device }
        guard let host = present.first else { return }
        device.clock = max(device.clock, host.clock)
        try host.store.write(at: host.wall) { try $0.admit(device.identity.device) }
        for other in present.dropFirst() + [device] { try other.take(.control, from: host) }
    }

    /// All devices meet until every one has acknowledged every write; nothing of it is measured.
    ///
    /// The first device gathers and hands out: what was written with a cut of it, then that all
    /// have seen it.
    func stabilize() throws {
        let measured = measuring
        measuring = nil
        defer { measuring = measured }
        let present = devices.filter { !absent.contains($0.index) }
        guard let host = present.first else { return }
        let latest = present.map(\.clock).max() ?? host.clock
        for device in present { device.clock = latest + 1000 }
        let others = present.dropFirst()
        for device in others { try meet(host.index, device.index) }
        try host.store.write(at: host.wall) { transaction in
            for lane in Lane.all { try transaction.proposeCut(of: lane) }
            try transaction.acknowledgeCuts()
        }
        try didChange(host, through: nil)
        for device in others {
            try meet(host.index, device.index)
            try device.store.write(at: device.wall) { _ = try $0.acknowledgeCuts() }
            try didChange(device, through: nil)
            try meet(host.index, device.index)
        }
        for device in others { try meet(host.index, device.index) }
    }
}
