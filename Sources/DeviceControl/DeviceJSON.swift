package import Caravan
import CausalTime
import SyncTransport

/// Replies and events for programs: one JSON object on one line, keys sorted, byte counts as plain
/// numbers.
///
/// | verb | object |
/// |---|---|
/// | `init` | `class, device, fleet, name` |
/// | `status` | ``DeviceStatus`` |
/// | `profile list` | `profiles`: a list of ``ProfileDescription`` |
/// | `pool grant` | `bytes, grant` |
/// | `pool allocate` | `allocated`: bytes handed on, by device |
/// | `pool request` | `requested`: bytes that are missing |
/// | `pool show` | ``PoolDescription`` |
/// | `usage list` | `usage`: a list of ``UsageDescription`` |
/// | `reserve` | `available, reserved` |
/// | `sync` | ``SyncDescription`` |
/// | any other that has worked | `ok`: true |
/// | any that has not | `error`: one line |
///
/// `serve` writes one object per event: `event` (`listening`, `connected`, `synced`, `received`,
/// `diverged`, `repaired`, `unrepaired`, `lost`, `failed`), `message`, `address`, and what else the
/// event has: `device`, `name`, `bytesSent`, `bytesReceived`, `cells`, `lane`, `reason`. Instead of
/// too many that are `failed`, one object `omitted` has `message` and `count`.
package enum DeviceJSON {
    /// A reply as one line.
    package static func line(_ reply: DeviceReply) throws -> String {
        switch reply {
        case .status(let status): try ControlLine.encode(status)
        case .done: try ControlLine.encode(["ok": true])
        case .profiles(let profiles): try ControlLine.encode(["profiles": profiles])
        case .granted(let grant, let bytes):
            try ControlLine.encode(Granted(grant: grant, bytes: bytes))
        case .allocated(let given): try ControlLine.encode(["allocated": given])
        case .pool(let pool): try ControlLine.encode(pool)
        case .requested(let bytes): try ControlLine.encode(["requested": bytes])
        case .usage(let usage): try ControlLine.encode(["usage": usage])
        case .reserved(let bytes, let available):
            try ControlLine.encode(["reserved": bytes, "available": available])
        case .synchronized(let description): try ControlLine.encode(description)
        case .created(let creation):
            try ControlLine.encode([
                "fleet": creation.fleet, "device": creation.device, "name": creation.name,
                "class": creation.deviceClass,
            ])
        case .failed(let failure): try ControlLine.encode(["error": failure.message])
        }
    }

    /// An event of a serving process as one line.
    package static func line(_ event: SyncEvent) throws -> String {
        var line = EventLine(event: event.name, message: DeviceText.line(event))
        switch event {
        case .listening(let address): line.address = address.description
        case .connected(let peer): line.set(peer)
        case .synchronized(let peer, let counts):
            line.set(peer)
            line.bytesSent = counts.bytesSent
            line.bytesReceived = counts.bytesReceived
            line.cells = counts.cellsReceived
        case .received(let peer, let lane, let cells):
            line.set(peer)
            line.lane = "\(lane)"
            line.cells = cells
        case .diverged(let peer, let step):
            line.set(peer)
            if case .repaired(let cells) = step { line.cells = cells }
            if case .notRepaired(let reason) = step { line.reason = reason }
        case .disconnected(let peer, let reason):
            line.set(peer)
            line.reason = reason
        case .failed(let address, let reason), .unknownCaller(let address, let reason):
            line.address = address
            line.reason = reason
        }
        return try ControlLine.encode(line)
    }

    /// How many callers a log says nothing else about, as one line; see ``CallerLimit``.
    package static func line(leftOut number: Int) throws -> String {
        var line = EventLine(event: "omitted", message: DeviceText.line(leftOut: number))
        line.count = number
        return try ControlLine.encode(line)
    }

    private struct Granted: Encodable {
        let grant: String
        let bytes: UInt64
    }

    private struct EventLine: Encodable {
        let event: String
        let message: String
        var address: String?
        var device: String?
        var name: String?
        var bytesSent: UInt64?
        var bytesReceived: UInt64?
        var cells: Int?
        var lane: String?
        var reason: String?
        var count: Int?

        init(event: String, message: String) {
            self.event = event
            self.message = message
        }

        mutating func set(_ peer: SyncEvent.Peer) {
            address = peer.address
            device = peer.device.description
            name = peer.name
        }
    }
}

extension SyncEvent {
    fileprivate var name: String {
        switch self {
        case .listening: "listening"
        case .connected: "connected"
        case .synchronized: "synced"
        case .received: "received"
        case .diverged(_, .found): "diverged"
        case .diverged(_, .repaired): "repaired"
        case .diverged(_, .notRepaired): "unrepaired"
        case .disconnected: "lost"
        case .failed, .unknownCaller: "failed"
        }
    }
}
