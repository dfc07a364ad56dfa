package import CausalTime
import DeltaCRDT

/// How one device shares what it holds among those who ask.
///
/// As water finds its level: nobody is filled beyond it, beyond what is missing, or from someone
/// who holds less. Parts that end at the level are cut to whole blocks, unless a device would be
/// left with less than one; so a second round of the same finds nothing more to give.
package struct WaterFilling {
    /// A device that asks.
    package struct Asker: Hashable {
        package let device: DeviceID
        /// What it has left, as far as is known.
        package let available: UInt64
        /// What it would like to receive besides.
        package let missing: UInt64

        package init(device: DeviceID, available: UInt64, missing: UInt64) {
            self.device = device
            self.available = available
            self.missing = missing
        }

        /// What it takes to bring it to `level`, or as far as it wants.
        package func share(at level: UInt64) -> UInt64 {
            min(missing, level.subtractingClamped(available))
        }
    }

    /// What is given to a device.
    package struct Gift: Hashable {
        package let device: DeviceID
        package let bytes: UInt64
    }

    /// What the giver has.
    package let available: UInt64
    /// What the giver keeps in any case.
    package let kept: UInt64
    /// In the order in which they are given to.
    package let askers: [Asker]
    /// What parts are cut to.
    package let block: UInt64

    package init(available: UInt64, kept: UInt64, askers: [Asker], block: UInt64) {
        self.available = available
        self.kept = kept
        self.askers = askers
        self.block = block
    }

    /// The highest level to which the giver can bring all of them without sinking below it, or
    /// below what it keeps.
    package var level: UInt64 {
        var (low, high): (UInt64, UInt64) = (0, available)
        while low < high {
            let middle = high - (high - low) / 2
            if isReachable(middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// What each is given, where it is anything.
    package var gifts: [Gift] {
        guard available > kept else { return [] }
        let level = level
        return askers.compactMap { asker in
            let share = asker.share(at: level)
            let whole = share - share % block
            let isPartAllowed = share == asker.missing || whole == 0 && asker.available < block
            let bytes = isPartAllowed ? share : whole
            return bytes > 0 ? Gift(device: asker.device, bytes: bytes) : nil
        }
    }

    private func isReachable(_ level: UInt64) -> Bool {
        let cost = askers.reduce(UInt64(0)) { $0.addingClamped($1.share(at: level)) }
        return cost <= available.subtractingClamped(max(level, kept))
    }
}
