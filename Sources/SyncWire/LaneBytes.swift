package import ReplicaModel

/// A number of bytes for each lane, without an allocation.
package struct LaneBytes: Hashable, Sendable {
    private var control: UInt64 = 0
    private var settings: UInt64 = 0
    private var usage: UInt64 = 0

    package init() {}

    /// The bytes of a lane; of an unknown one none, and setting that does nothing.
    package subscript(lane: Lane) -> UInt64 {
        get {
            switch lane {
            case .control: control
            case .settings: settings
            case .usage: usage
            default: 0
            }
        }
        set {
            switch lane {
            case .control: control = newValue
            case .settings: settings = newValue
            case .usage: usage = newValue
            default: return
            }
        }
    }
}
