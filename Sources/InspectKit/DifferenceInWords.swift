import CausalTime
import FleetModel
import ReplicaModel

/// Says in the words of the travel domain what is different between two replicas.
struct DifferenceInWords {
    private(set) var statements: [String] = []
    private let left: ReplicaImage
    private let right: ReplicaImage
    private let labels: (left: String, right: String)

    init(
        _ left: ReplicaImage, _ right: ReplicaImage, _ labels: (left: String, right: String),
        _ cells: [ReplicaDifference.CellDifference], at now: WallTime
    ) throws {
        self.left = left
        self.right = right
        self.labels = labels
        compareTexts(cells)
        try compareGrants(at: now)
        try compareDevices(at: now)
    }

    /// Members, profiles and the plan: what anyone may set, and who prevails.
    private mutating func compareTexts(_ cells: [ReplicaDifference.CellDifference]) {
        let collections = ["members", "plan", "profiles"]
        for cell in cells {
            let name = FleetKeyDescription.name(of: CollectionID(rawValue: cell.key.collection))
            guard collections.contains(name), cell.owner == nil else { continue }
            statements.append(
                "\(cell.row) \(cell.field): " + text(cell.left) + " on \(labels.left), "
                    + text(cell.right) + " on \(labels.right); " + outcome(of: cell))
        }
    }

    private func text(_ version: ReplicaDifference.Version?) -> String {
        version?.value ?? "nothing"
    }

    private func outcome(of cell: ReplicaDifference.CellDifference) -> String {
        switch cell.winner {
        case .left: "\(labels.left)'s stays (\(cell.reason))"
        case .right: "\(labels.right)'s stays (\(cell.reason))"
        case nil: cell.reason
        }
    }

    private mutating func compareGrants(at now: WallTime) throws {
        let grants = (
            try left.fleet.pool(at: now).grants.map(\.grant),
            try right.fleet.pool(at: now).grants.map(\.grant)
        )
        for grant in grants.0 where !grants.1.contains(grant) {
            statements.append(known(grant, on: labels.left))
        }
        for grant in grants.1 where !grants.0.contains(grant) {
            statements.append(known(grant, on: labels.right))
        }
    }

    private func known(_ grant: Grant, on label: String) -> String {
        "grant \(grant.id.abbreviated) of \(grant.bytes): known on \(label) only"
    }

    /// What each device was granted, reserved and used.
    private mutating func compareDevices(at now: WallTime) throws {
        let pools = (try left.fleet.pool(at: now), try right.fleet.pool(at: now))
        let devices = Set((pools.0.devices + pools.1.devices).map(\.device)).sorted()
        for device in devices {
            let sides = (
                pools.0.devices.first { $0.device == device },
                pools.1.devices.first { $0.device == device }
            )
            let name = left.names[device] ?? right.name(of: device)
            compare("\(name) granted", sides.0?.granted, sides.1?.granted)
            compare("\(name) reserved", sides.0?.reserved, sides.1?.reserved)
            compare("\(name) used", sides.0?.used, sides.1?.used)
        }
    }

    private mutating func compare(_ what: String, _ first: ByteCount?, _ second: ByteCount?) {
        let (first, second) = (first ?? .zero, second ?? .zero)
        guard first != second else { return }
        let isRounded = first.description == second.description
        let texts =
            isRounded
            ? ("\(first.bytes) B", "\(second.bytes) B") : (first.description, second.description)
        statements.append(
            "\(what): \(texts.0) on \(labels.left), \(texts.1) on \(labels.right)")
    }
}
