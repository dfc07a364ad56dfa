import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore

extension ReplicaReport {
    /// How many lost values are reported.
    static let lostValuesMax = 10

    init(_ image: ReplicaImage, at now: WallTime) throws {
        let contents = image.contents
        self.init(
            path: image.path, fleet: contents.fleet?.description,
            device: try contents.device.map { try Self.device($0, in: image) },
            schemaVersion: contents.schemaVersion,
            files: Files(database: image.databaseBytes, log: image.logBytes),
            digest: image.digest.description, clock: Timestamp(contents.clock),
            lanes: Self.lanes(image), writers: Self.writers(image),
            members: try image.fleet.members().map { Device($0) },
            profiles: try image.fleet.profiles().map { ProfileState($0) },
            pool: try Pool(image, at: now), usage: try Self.usage(image),
            lostValues: contents.lost.prefix(Self.lostValuesMax).map { Lost($0, in: image) },
            lostValuesCount: contents.lost.count, violations: contents.violations)
    }

    private static func device(_ device: DeviceID, in image: ReplicaImage) throws -> Device {
        let member = try image.fleet.members().first { $0.device == device }
        return member.map { Device($0) } ?? Device(id: device.description)
    }

    private static func lanes(_ image: ReplicaImage) -> [LaneState] {
        // Cells of lanes that are unknown here are shown too; only a damaged file has them.
        let found = Set(image.contents.cells.map(\.key.lane)).union(Lane.all)
        return found.sorted().map { lane in
            let cells = image.contents.cells.filter { $0.key.lane == lane }
            var counts: [CollectionID: Int] = [:]
            for cell in cells { counts[cell.key.collection, default: 0] += 1 }
            let writes = image.contents.vectors[lane].entries.reduce(UInt64(0)) {
                $0.addingReportingOverflow($1.sequence).partialValue
            }
            return LaneState(
                lane: lane.description, digest: image.digest(of: lane).description,
                cells: cells.count, writes: writes,
                collections: counts.sorted { $0.key < $1.key }.map {
                    CollectionState(
                        collection: FleetKeyDescription.name(of: $0.key), cells: $0.value)
                })
        }
    }

    private static func writers(_ image: ReplicaImage) -> [Writer] {
        var sequences: [WriterID: [String: UInt64]] = [:]
        for writer in image.devices.keys { sequences[writer] = [:] }
        for lane in Lane.all {
            for entry in image.contents.vectors[lane].entries {
                sequences[entry.writer, default: [:]][lane.description] = entry.sequence
            }
        }
        return sequences.map { writer, sequences in
            Writer(
                id: writer.description, device: image.devices[writer]?.description,
                deviceName: image.name(of: writer), isOwn: writer == image.contents.writer,
                sequences: sequences)
        }.sorted { ($0.device ?? "~", $0.id) < ($1.device ?? "~", $1.id) }
    }

    private static func usage(_ image: ReplicaImage) throws -> [Usage] {
        try image.fleet.usage().map { record in
            Usage(
                device: record.key.device.description, name: image.name(of: record.key.device),
                period: record.key.period, iccid: record.key.iccid, country: record.key.country,
                epoch: record.key.epoch, received: record.amount.received.bytes,
                sent: record.amount.sent.bytes)
        }.sorted {
            ($0.device, $0.period, $0.iccid, $0.country, $0.epoch)
                < ($1.device, $1.period, $1.iccid, $1.country, $1.epoch)
        }
    }
}

extension ReplicaReport.Device {
    init(_ member: Member) {
        self.init(
            id: member.device.description, name: member.name,
            deviceClass: member.deviceClass.rawValue)
    }
}

extension ReplicaReport.Timestamp {
    init(_ timestamp: HybridTimestamp) {
        self.init(
            time: timestamp.wallTime.utcText, counter: timestamp.ticks & 0xffff,
            epoch: timestamp.epoch)
    }
}

extension ReplicaReport.ProfileState {
    init(_ profile: Profile) {
        var fields: [String: String] = [:]
        for (field, text) in profile.fields { fields[field.name] = text }
        self.init(
            iccid: profile.iccid.digits, fields: fields,
            editedAt: ReplicaReport.Timestamp(profile.editedAt))
    }
}

extension ReplicaReport.Pool {
    init(_ image: ReplicaImage, at now: WallTime) throws {
        let pool = try image.fleet.pool(at: now)
        self.init(
            period: pool.period, granted: pool.granted.bytes, reserved: pool.reserved.bytes,
            used: pool.used.bytes, overrun: pool.overrun.bytes,
            grants: pool.grants.map { status in
                ReplicaReport.GrantState(
                    id: status.grant.id.description, bytes: status.grant.bytes.bytes,
                    reserved: status.reserved.bytes, minter: status.grant.minter.description,
                    minterName: image.name(of: status.grant.minter),
                    validFrom: status.grant.validFrom.utcText,
                    validUntil: status.grant.validUntil.utcText,
                    isValid: status.grant.isValid(at: now))
            },
            devices: pool.devices.map { allowance in
                ReplicaReport.Allowance(
                    device: allowance.device.description, name: image.name(of: allowance.device),
                    granted: allowance.granted.bytes, reserved: allowance.reserved.bytes,
                    available: allowance.available.bytes, used: allowance.used.bytes)
            })
    }
}

extension ReplicaReport.Lost {
    init(_ lost: LostValue, in image: ReplicaImage) {
        let place = FleetKeyDescription(lost.key, names: image.names)
        self.init(
            reason: lost.reason.rawValue, field: place.phrase,
            value: image.text(of: lost.value, as: place.meaning),
            timestamp: ReplicaReport.Timestamp(lost.timestamp),
            dot: "\(lost.dot.writer):\(lost.dot.sequence)",
            deviceName: image.name(of: lost.dot.writer))
    }
}
