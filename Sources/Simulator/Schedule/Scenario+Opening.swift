import FleetModel

extension Scenario {
    /// What is done while all devices are together, before the scenario's time begins: the grant,
    /// its allocation by shares, the profiles and the rights, each by its device and in this order.
    package var opening: [(device: Int, operation: FleetOperation)] {
        var operations: [(device: Int, operation: FleetOperation)] = []
        if let pool {
            operations.append((pool.from, .grant(pool.grant, valid: pool.valid)))
            let shares = devices.enumerated().compactMap { index, device in
                device.share.map { DeviceShare(device: index, share: $0) }
            }
            if !shares.isEmpty {
                operations.append((pool.from, .allocate(shares, lease: nil)))
            }
        }
        for profile in profiles {
            operations.append((profile.by, .addProfile(profile.iccid, profile.fields)))
        }
        for right in rights {
            operations.append(
                (right.holder, .right(right.name, .override(to: right.holder, term: 0))))
        }
        return operations
    }
}
