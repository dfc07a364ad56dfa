package import FleetModel

extension Scenario {
    /// One entry of the timeline.
    package struct Step: Sendable, Equatable {
        /// When, since the start; at most the duration of the scenario.
        package let at: Duration
        /// What happens.
        package let action: Action
        /// The line in the file, for reports.
        package let line: Int
    }

    /// What a step of the timeline does.
    ///
    /// Numbers are indexes into `devices`.
    package enum Action: Sendable, Equatable {
        /// These links stop carrying.
        case cut(LinkSelection)
        /// These links carry again.
        case restore(LinkSelection)
        /// Cuts every link between devices of different groups. Every device is in one group.
        case split([[Int]])
        /// What one device sends to another is lost on the way; connections stay.
        case silence(from: Int, to: Int)
        /// Undoes every cut, split and silence so far; a border is not undone.
        case heal
        /// A device that is stuck at a border gets a signal now; otherwise nothing happens.
        case free(Int)
        /// A device changes one field of a profile.
        case edit(device: Int, iccid: ICCID, field: ProfileField, value: String)
        /// A device creates a profile.
        case addProfile(device: Int, iccid: ICCID, fields: [ProfileField: String])
        /// A device removes a profile.
        case removeProfile(device: Int, iccid: ICCID)
        /// A device uses data, besides its workload.
        case use(device: Int, bytes: ByteCount, country: UsageCountry)
        /// A device sets part of the pool's rights aside for itself.
        case reserve(device: Int, bytes: ByteCount)
        /// A device enters a grant of data for the pool.
        case grant(device: Int, bytes: ByteCount, valid: Duration)
        /// A device sets the shares of the pool, which add up to 100 %; in file order.
        case allocate(device: Int, shares: [DeviceShare], lease: LeaseTerms?)
        /// The device's process dies at once, as by `kill -9`.
        case crash(Int)
        /// The device starts again from its replica on disk.
        case restart(Int)
        /// A remark for the report.
        case say(String)
        /// A device does something of which there is no case above.
        case operate(device: Int, FleetOperation)
        /// Something happens to a device from outside.
        case befall(device: Int, DeviceEvent)
        /// Replicas are asked, and have to give this answer.
        case expect(ValueExpectation)
    }

    /// For how long rights are handed on, and below how many bytes their device asks for more.
    package struct LeaseTerms: Sendable, Equatable {
        /// How long, from then on.
        package let length: Duration
        /// The threshold; zero for never.
        package let topUpBelow: ByteCount

        package init(length: Duration, topUpBelow: ByteCount) {
            self.length = length
            self.topUpBelow = topUpBelow
        }
    }

    /// The part of the pool that one device gets.
    package struct DeviceShare: Sendable, Equatable {
        /// Index of the device.
        package let device: Int
        /// Its part.
        package let share: Share

        package init(device: Int, share: Share) {
            self.device = device
            self.share = share
        }
    }

    /// Which links a cut or its end is about.
    package enum LinkSelection: Sendable, Equatable {
        /// Every link.
        case all
        /// Every link that ends at one of these devices.
        case devices([Int])
        /// The link between two devices, the lower index first.
        case between(Int, Int)

        /// Whether the link between two devices is meant.
        package func contains(_ link: Link) -> Bool {
            switch self {
            case .all: true
            case .devices(let devices): devices.contains(link.a) || devices.contains(link.b)
            case .between(let a, let b): link.a == a && link.b == b
            }
        }
    }
}
