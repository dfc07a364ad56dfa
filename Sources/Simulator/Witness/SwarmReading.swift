import CausalTime
import DeltaCRDT
import FleetModel
import ReplicaModel
import ReplicaStore

/// What a replica says, in the lines of ``SwarmShadow/lines(of:)``.
struct SwarmReading {
    private(set) var lines: [String: String] = [:]
    /// What contradicts itself.
    private(set) var contradictions: [String] = []
    /// Who may use an exclusive right here: the trip, the token, and the holder.
    private(set) var active: [(trip: RowID, token: FencingToken, holder: Int)] = []
    /// Rows that were ended for good because one side had forgotten them.
    private(set) var ended: Set<String> = []

    private let snapshot: StoreSnapshot
    private let devices: [DeviceID]

    init(
        of scope: SwarmShadow.Scope, _ snapshot: StoreSnapshot, devices: [DeviceID], holder: Int
    ) throws {
        self.snapshot = snapshot
        self.devices = devices
        let view = FleetView(snapshot)
        if scope.contains(.profiles) { try readProfiles(view) }
        if scope.contains(.usage) { try readUsage(view) }
        if scope.contains(.pool) { try readPool(view) }
        if scope.contains(.trips) { try readTrips(holder) }
        if scope.contains(.places) { try readPlaces() }
        if scope.contains(.later) { try readLater() }
    }

    private mutating func readProfiles(_ view: FleetView<StoreSnapshot>) throws {
        for profile in try view.profiles() {
            let name = "profile \(profile.iccid.digits.last ?? "?")"
            lines[name] = "there"
            for (field, text) in profile.fields {
                lines["\(name) \(field == .nickname ? "nickname" : "\(field.rawValue)")"] = text
            }
        }
    }

    private mutating func readUsage(_ view: FleetView<StoreSnapshot>) throws {
        let period = try view.period()
        if period != "1" { lines["period"] = period }
        for record in try view.usage() {
            let device = devices.firstIndex(of: record.key.device) ?? -1
            lines["usage \(record.key.period) \(device) \(record.key.country)"] =
                "\(record.amount.received.bytes) \(record.amount.sent.bytes)"
        }
    }

    private mutating func readPool(_ view: FleetView<StoreSnapshot>) throws {
        let pool = try view.pool(at: WallTime(milliseconds: 1))
        if !pool.grants.isEmpty { lines["granted"] = "\(pool.granted.bytes)" }
        for allowance in pool.devices where allowance.reserved > .zero {
            let device = devices.firstIndex(of: allowance.device) ?? -1
            lines["reserved by \(device)"] = "\(allowance.reserved.bytes)"
        }
        for status in pool.grants {
            let rights = status.rights
            let held = pool.devices.reduce(UInt64(0)) {
                $0 + rights.available(to: $1.device)
            }
            let total = held + rights.reserved
            // What is under way to a device that this replica has not heard of counts too: a
            // transfer is one entry, so nothing is.
            if total != rights.granted {
                contradictions.append(
                    "\(held) bytes held and \(rights.reserved) reserved of \(rights.granted)")
            }
        }
    }

    private mutating func readTrips(_ holder: Int) throws {
        for cell in try snapshot.cells(of: SwarmTrips.id, in: SwarmTrips.lane)
        where cell.kind.isRow && cell.causalLength == Cell.causalLengthMax {
            if let trip = RowID(bytes: cell.key.row) { ended.insert("trip \(trip)") }
        }
        for trip in try snapshot.rows(of: SwarmTrips.self) {
            let name = "trip \(trip.key)"
            lines[name] = "there"
            lines["\(name) title"] = trip[SwarmTrips.title]
            let notes = trip[SwarmTrips.notes].all
            if !notes.isEmpty {
                lines["\(name) notes"] = notes.map { "\($0)" }.joined(separator: " ")
            }
            for stamp in trip[SwarmTrips.stamps] { lines["\(name) stamp \(stamp)"] = "there" }
            for place in trip[SwarmTrips.visited] { lines["\(name) visited \(place)"] = "there" }
            if trip[SwarmTrips.days] > 0 { lines["\(name) days"] = "\(trip[SwarmTrips.days])" }
            let balance = trip[SwarmTrips.balance]
            if balance != 0 { lines["\(name) balance"] = "\(balance)" }
            if let stage = trip[SwarmTrips.stage] { lines["\(name) stage"] = "\(stage.rawValue)" }
            let driver = trip[SwarmTrips.driver]
            if !driver.states.isEmpty {
                lines["\(name) driver"] = driver.states.map(Self.text).sorted()
                    .joined(separator: " or ")
            }
            if let token = driver.token, driver.isActive(holder), !snapshot.areRightsFrozen {
                active.append((trip.key, token, holder))
            }
        }
    }

    private mutating func readPlaces() throws {
        for place in try snapshot.rows(of: SwarmPlaces.self) {
            let name = "place \(place.key)"
            lines[name] = "there"
            lines["\(name) remark"] = place[SwarmPlaces.remark]
            let visits = place[SwarmPlaces.visits]
            if visits > 0 { lines["\(name) visits"] = "\(visits)" }
        }
    }

    private mutating func readLater() throws {
        for row in 0..<8 {
            guard let cell = try snapshot.cell(at: SwarmOperation.laterKey(row)),
                case .integer(let number)? = CellValue(encoded: cell.value)
            else { continue }
            lines["later \(row)"] = "there"
            lines["later \(row) later"] = "\(number)"
        }
    }

    /// An exclusive right in a line.
    static func text(_ state: ExclusiveState<Int>) -> String {
        let token = state.token
        return "\(token.term).\(token.number).\(token.generation) \(state.holder)"
            + (state.offeredTo.map { " offers to \($0)" } ?? "")
    }
}
