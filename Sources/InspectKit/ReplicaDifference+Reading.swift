import CausalTime
import FleetModel
import ReplicaModel
import ReplicaStore

extension ReplicaDifference {
    init(_ left: ReplicaImage, _ right: ReplicaImage, at now: WallTime) throws {
        let fleets = (left.contents.fleet, right.contents.fleet)
        let isSameFleet = fleets.0 != nil && fleets.0 == fleets.1
        let labels = Self.labels(left, right)
        let keys = Set(left.contents.cells.map(\.key)).union(right.contents.cells.map(\.key))
            .filter { left.cells.cell(at: $0) != right.cells.cell(at: $0) }.sorted()
        let cells = keys.map { CellDifference($0, left, right, isSameFleet: isSameFleet) }
        let statements = try DifferenceInWords(left, right, labels, cells, at: now).statements
        self.init(
            left: try Side(left, label: labels.left), right: try Side(right, label: labels.right),
            isSameFleet: isSameFleet,
            isEqual: isSameFleet && keys.isEmpty
                && left.contents.vectors == right.contents.vectors,
            lanes: ReplicaModel.Lane.all.map { Lane($0, left, right) }, statements: statements,
            cells: cells)
    }

    /// The devices' names where they tell the sides apart.
    private static func labels(
        _ left: ReplicaImage, _ right: ReplicaImage
    ) -> (left: String, right: String) {
        guard let leftDevice = left.contents.device, let rightDevice = right.contents.device,
            let leftName = left.names[leftDevice], let rightName = right.names[rightDevice],
            leftName != rightName
        else { return ("left", "right") }
        return (leftName, rightName)
    }
}

extension ReplicaDifference.Side {
    init(_ image: ReplicaImage, label: String) throws {
        let device = image.contents.device
        let member = try image.fleet.members().first { $0.device == device }
        self.init(
            label: label, path: image.path, fleet: image.contents.fleet?.description,
            device: member.map { ReplicaReport.Device($0) }
                ?? device.map { ReplicaReport.Device(id: $0.description) },
            digest: image.digest.description, violations: image.contents.violations)
    }
}

extension ReplicaDifference.Lane {
    init(_ lane: ReplicaModel.Lane, _ left: ReplicaImage, _ right: ReplicaImage) {
        let vectors = (left.contents.vectors[lane], right.contents.vectors[lane])
        func ahead(
            _ side: ReplicaDifference.Which, _ vector: VersionVector, of other: VersionVector
        ) -> [ReplicaDifference.Ahead] {
            vector.entries(above: other).map { entry in
                ReplicaDifference.Ahead(
                    side: side, writer: entry.writer.description,
                    deviceName: left.name(of: entry.writer) ?? right.name(of: entry.writer),
                    from: other[entry.writer], to: entry.sequence,
                    writes: entry.sequence - other[entry.writer])
            }
        }
        let all =
            ahead(.left, vectors.0, of: vectors.1) + ahead(.right, vectors.1, of: vectors.0)
        self.init(
            lane: lane.description, leftDigest: left.digest(of: lane).description,
            rightDigest: right.digest(of: lane).description,
            ahead: all.sorted {
                ($0.deviceName ?? "~", $0.writer) < ($1.deviceName ?? "~", $1.writer)
            })
    }
}

extension ReplicaDifference.CellDifference {
    init(_ key: CellKey, _ left: ReplicaImage, _ right: ReplicaImage, isSameFleet: Bool) {
        let names = right.names.merging(left.names) { _, name in name }
        let place = FleetKeyDescription(key, names: names)
        let meeting = isSameFleet ? CellMeeting(at: key, left, right) : nil
        func version(_ image: ReplicaImage) -> ReplicaDifference.Version? {
            image.cells.cell(at: key).map {
                ReplicaDifference.Version($0, image, as: place.meaning)
            }
        }
        self.init(
            lane: key.lane.description, row: place.row, field: place.field,
            owner: key.owner?.description,
            key: ReplicaDifference.RawKey(
                collection: key.collection.rawValue,
                row: CellValue.bytes(key.row).description, field: key.field.rawValue),
            left: version(left), right: version(right), winner: meeting?.winner,
            reason: meeting?.reason ?? "of different fleets: they never meet",
            isFault: meeting?.isFault ?? false)
    }
}

extension ReplicaDifference.Version {
    init(_ cell: Cell, _ image: ReplicaImage, as meaning: FleetKeyDescription.Meaning) {
        self.init(
            value: image.text(of: cell, as: meaning),
            bytes: CellValue.bytes(cell.value).description, kind: "\(cell.kind)",
            dot: "\(cell.dot.writer):\(cell.dot.sequence)",
            deviceName: image.name(of: cell.dot.writer),
            timestamp: cell.kind.isStamped ? ReplicaReport.Timestamp(cell.timestamp) : nil,
            causalLength: cell.causalLength)
    }
}
