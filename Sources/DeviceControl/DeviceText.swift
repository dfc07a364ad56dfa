package import Caravan
import CausalTime
import FleetModel
import Foundation
import SyncTransport
import TerminalText

/// Replies and events for people.
package enum DeviceText {
    /// A reply, on as many lines as it takes; empty where there is nothing to say.
    package static func text(_ reply: DeviceReply) -> String {
        switch reply {
        case .status(let status): text(status)
        case .done: "done"
        case .profiles(let profiles): text(profiles)
        case .granted(let grant, let bytes): "granted \(count(bytes)) (\(grant))"
        case .allocated(let given): allocated(given)
        case .pool(let pool): text(pool)
        case .requested(0): "nothing is missing"
        case .requested(let bytes): "asked for \(count(bytes)) more"
        case .usage(let usage): text(usage)
        case .reserved(let bytes, let available):
            "reserved \(count(bytes)); \(count(available)) left to reserve"
        case .synchronized(let sync): text(sync)
        case .created(let creation):
            """
            fleet   \(creation.fleet)
            device  \(creation.device)
            """
        case .failed(let failure): failure.message
        }
    }

    /// An event of a serving process, on one line.
    package static func line(_ event: SyncEvent) -> String {
        let line =
            switch event {
            case .listening(let address): "listening on \(address)"
            case .connected(let peer): "connected with \(peer.label) at \(peer.address)"
            case .synchronized(let peer, let counts):
                "synced with \(peer.label): sent \(count(counts.bytesSent)), "
                    + "received \(count(counts.bytesReceived)), \(cells(counts.cellsReceived))"
            case .received(let peer, let lane, let number):
                "received \(cells(number)) of \(lane) from \(peer.label)"
            case .diverged(let peer, let step): "\(peer.label) \(step)"
            case .disconnected(let peer, let reason):
                "lost \(peer.label) at \(peer.address): \(reason)"
            case .failed(let address, let reason), .unknownCaller(let address, let reason):
                "\(address): \(reason)"
            }
        return line.printable
    }

    /// How many callers a log says nothing else about, on one line; see ``CallerLimit``.
    package static func line(leftOut number: Int) -> String {
        "… and \(number) more \(number == 1 ? "connection" : "connections") "
            + "within a minute that did not get as far as a greeting"
    }

    private static func count(_ bytes: UInt64) -> String { ByteCount(bytes).description }

    private static func cells(_ number: Int) -> String {
        number == 1 ? "1 cell" : "\(number) cells"
    }

    private static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
    }

    // MARK: Status

    private static func text(_ status: DeviceStatus) -> String {
        var lines = [
            "device    \(status.device)  \(status.name) (\(status.deviceClass))".printable,
            "fleet     \(status.fleet)  \(members(status.members))",
            "digest    \(status.digest)",
            "profiles  \(status.profiles)",
            "pool      \(summary(status.pool))",
        ]
        if let service = status.service { lines.append(text(service)) }
        return lines.joined(separator: "\n")
    }

    private static func members(_ number: Int) -> String {
        number == 1 ? "1 member" : "\(number) members"
    }

    private static func text(_ service: ServiceDescription) -> String {
        let line =
            "serving   \(service.listening)  sent \(count(service.bytesSent)), "
            + "received \(count(service.bytesReceived))"
        guard !service.connections.isEmpty else { return line }
        var table = TextTable([
            ("peer", .left), ("state", .left), ("device", .left), ("last sync", .left),
            ("problem", .left),
        ])
        for connection in service.connections {
            table.add([
                connection.address, connection.state, connection.name ?? "",
                connection.lastSync.map(time) ?? "never", connection.problem ?? "",
            ])
        }
        return line + "\n\n" + table.text
    }

    // MARK: Pool

    private static func summary(_ pool: PoolDescription) -> String {
        let over = pool.overrun > 0 ? ", \(count(pool.overrun)) over" : ""
        return
            "\(count(pool.used)) used of \(count(pool.granted)), \(count(pool.reserved)) reserved"
            + over
    }

    private static func text(_ pool: PoolDescription) -> String {
        var devices = TextTable([
            ("device", .left), ("granted", .right), ("reserved", .right), ("available", .right),
            ("used", .right),
        ])
        for device in pool.devices {
            devices.add([
                device.name, count(device.granted), count(device.reserved),
                count(device.available), count(device.used),
            ])
        }
        var grants = TextTable([("grant", .left), ("bytes", .right), ("valid until", .left)])
        for grant in pool.grants {
            grants.add([grant.grant, count(grant.bytes), time(grant.validUntil)])
        }
        let head = "period \(pool.period.printable): \(summary(pool))\n\n\(devices.text)"
        let tables = (pool.grants.isEmpty ? [] : [grants.text]) + text(pool.parts)
        return ([head] + tables).joined(separator: "\n\n")
    }

    private static func text(_ parts: [PartDescription]) -> [String] {
        guard !parts.isEmpty else { return [] }
        var table = TextTable([
            ("grant", .left), ("device", .left), ("lease until", .left),
            ("topped up below", .right), ("asks for", .right),
        ])
        for part in parts {
            table.add([
                part.grant, part.name, part.isClosed ? "closed" : part.leaseUntil.map(time) ?? "",
                part.isClosed ? "" : part.topUpBelow.map(count) ?? "",
                part.isClosed || part.missing == 0 ? "" : count(part.missing),
            ])
        }
        return [table.text]
    }

    private static func allocated(_ given: [String: UInt64]) -> String {
        guard given.values.contains(where: { $0 > 0 }) else {
            return "nothing to hand on: every device has its share"
        }
        var table = TextTable([("device", .left), ("handed on", .right)])
        for (name, bytes) in given.sorted(by: { $0.key < $1.key }) where bytes > 0 {
            table.add([name, count(bytes)])
        }
        return table.text
    }

    // MARK: Profiles, usage, exchange

    private static func text(_ profiles: [ProfileDescription]) -> String {
        guard !profiles.isEmpty else { return "no profiles" }
        var table = TextTable([("iccid", .left)] + ProfileField.allCases.map { ($0.name, .left) })
        for profile in profiles {
            table.add(
                [profile.iccid] + ProfileField.allCases.map { profile.fields[$0.name] ?? "" })
        }
        return table.text
    }

    private static func text(_ usage: [UsageDescription]) -> String {
        guard !usage.isEmpty else { return "no usage" }
        var table = TextTable([
            ("period", .left), ("device", .left), ("country", .left), ("iccid", .left),
            ("epoch", .right), ("received", .right), ("sent", .right),
        ])
        for record in usage {
            table.add([
                record.period, record.name, record.country, record.iccid, "\(record.epoch)",
                count(record.received), count(record.sent),
            ])
        }
        return table.text
    }

    private static func text(_ sync: SyncDescription) -> String {
        """
        synced with \(sync.name.printable): sent \(count(sync.bytesSent)), received \
        \(count(sync.bytesReceived)), \(cells(sync.cellsReceived))
        digest \(sync.digest)
        """
    }
}

extension SyncEvent.Peer {
    fileprivate var label: String {
        if let name, !name.isEmpty { name } else { device.abbreviated }
    }
}
