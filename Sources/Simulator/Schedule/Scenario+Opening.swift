import FleetModel

extension Scenario {
    /// What is done while all devices are together, before the scenario's time begins: the grant,
    /// its allocation by shares, and the profiles, each by its device and in this order.
    package var opening: [(device: Int, operation: FleetOperation)] {
        var operations: [(device: Int, operation: FleetOperation)] = []
        if let pool {
            operations.append((pool.from, .grant(pool.grant, valid: pool.valid)))
            let shares = devices.enumerated().compactMap { index, device in
                device.share.map { DeviceShare(device: index, share: $0) }
            }
            if !shares.isEmpty { operations.append((pool.from, .allocate(shares))) }
        }
        for profile in profiles {
            operations.append((profile.by, .addProfile(profile.iccid, profile.fields)))
        }
        return operations
    }
}
