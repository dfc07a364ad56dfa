public import CausalTime
import PlantedBugs

/// Who holds how much.
///
/// All of it is linear in the number of entries, for the minter times the number of closings.
extension RightsMatrix {
    /// All that `device` ever held: minted to it or received.
    ///
    /// To the minter also what counts as its again.
    public func received(by device: DeviceID) -> UInt64 {
        let inflow = inflow(of: device)
        guard device == minter else { return inflow }
        return Set(closings.keys.map(\.device)).reduce(inflow.addingClamped(granted)) {
            $0.addingClamped(returned(by: $1))
        }
    }

    /// All that `device` handed on.
    public func transferred(by device: DeviceID) -> UInt64 {
        guard !PlantedBug.transferKeepsRights.isPlanted else { return 0 }
        return transfers.reduce(0) { $1.key.from == device ? $0.addingClamped($1.value) : $0 }
    }

    /// All that `device` reserved.
    public func reserved(by device: DeviceID) -> UInt64 {
        reservations.reduce(0) { $1.key.device == device ? $0.addingClamped($1.value) : $0 }
    }

    /// All that has been reserved by anyone, as far as it is known here.
    public var reserved: UInt64 { reservations.values.reduce(0) { $0.addingClamped($1) } }

    /// Whether `device` has closed its part: it will never hand on or reserve again.
    public func isClosed(_ device: DeviceID) -> Bool {
        device != minter && closings.keys.contains { $0.device == device }
    }

    /// What `device` held or received and counts as the minter's again; 0 unless it is closed.
    public func returned(by device: DeviceID) -> UInt64 {
        guard isClosed(device) else { return 0 }
        // A device that was restored may not have known all of its outflow when it closed.
        let stated = closings.reduce(0) { $1.key.device == device ? max($0, $1.value) : $0 }
        if PlantedBug.closingReturnsAll.isPlanted { return inflow(of: device) }
        return inflow(of: device).subtractingClamped(max(stated, outflow(of: device)))
    }

    /// What `device` holds and has neither handed on nor reserved; nothing if it is closed.
    ///
    /// On a replica of that device it is exact; elsewhere it is what was heard last. It is 0 where
    /// entries contradict the rules, which only a faulty peer can bring about. Whether the device
    /// may use it now is another question, see ``refusal(of:by:at:)``.
    public func available(to device: DeviceID) -> UInt64 {
        guard !isClosed(device) else { return 0 }
        return received(by: device).subtractingClamped(outflow(of: device))
    }

    /// When the lease of `device` ends; nothing if it has none, and for the minter, who needs none.
    public func leaseEnd(of device: DeviceID) -> WallTime? {
        device == minter ? nil : leases[device]
    }

    /// Why `device` may not hand on or reserve `amount` bytes at `time`; nothing if it may.
    public func refusal(of amount: UInt64, by device: DeviceID, at time: WallTime) -> Refusal? {
        if isClosed(device) { return .closed }
        if let end = leaseEnd(of: device), end <= time, !PlantedBug.leaseIgnored.isPlanted {
            return .leaseEnded(end)
        }
        let available = available(to: device)
        return amount <= available || PlantedBug.reserveUnchecked.isPlanted
            ? nil : .insufficient(requested: amount, available: available)
    }

    /// All that `device` handed on or reserved.
    public func outflow(of device: DeviceID) -> UInt64 {
        transferred(by: device).addingClamped(reserved(by: device))
    }

    private func inflow(of device: DeviceID) -> UInt64 {
        transfers.reduce(0) { $1.key.to == device ? $0.addingClamped($1.value) : $0 }
    }
}

extension UInt64 {
    /// The difference, or 0 where the other number is the larger.
    package func subtractingClamped(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
