public import CausalTime

/// Who belongs to the fleet.
///
/// Until connections are authenticated it is an ordinary collection of the control lane: whoever
/// may write to the fleet may join. A member counts when the fleet decides what may be forgotten; a
/// device that is retired does not, and becomes a member again when it comes back.
public struct Membership: Hashable, Sendable {
    /// The causal length of each device's row: odd while it is a member.
    public let generations: [DeviceID: UInt64]

    /// Reads the membership; linear in the number of devices that ever were members.
    public init(_ cells: some CellReading) throws {
        var generations: [DeviceID: UInt64] = [:]
        for cell in try cells.cells(of: .membership, in: .control) where cell.kind == .row {
            guard let device = DeviceID(bytes: cell.key.row) else { continue }
            generations[device] = cell.causalLength
        }
        self.generations = generations
    }

    /// The members, ascending.
    public var members: [DeviceID] { generations.keys.filter(contains).sorted() }

    /// Whether a device is a member.
    public func contains(_ device: DeviceID) -> Bool {
        !(generations[device] ?? 0).isMultiple(of: 2)
    }

    /// Whether a device was a member and is none now.
    public func isRetired(_ device: DeviceID) -> Bool {
        generations[device] != nil && !contains(device)
    }
}

extension CellWriting {
    /// Makes a device a member, or a member again; does nothing if it is one.
    public func admit(_ device: DeviceID) throws {
        try setMembership(of: device, to: true)
    }

    /// Takes a device out of those that the fleet waits for; does nothing if it is no member.
    ///
    /// Nothing of the device is lost: should it come back, it takes over what the others have and
    /// brings along what it wrote, under its former names.
    public func retire(_ device: DeviceID) throws {
        try setMembership(of: device, to: false)
    }

    private func setMembership(of device: DeviceID, to isMember: Bool) throws {
        let key = CellKey.membership(of: device)
        let length = try cell(at: key)?.causalLength ?? 0
        guard length.isMultiple(of: 2) == isMember else { return }
        try put(CellDraft(key: key, kind: .row, causalLength: length + 1))
    }
}

extension CellKey {
    /// The cell that says whether `device` is a member.
    public static func membership(of device: DeviceID) -> CellKey {
        CellKey(lane: .control, collection: .membership, row: device.bytes, field: .row)
    }
}
