import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire

/// Two honest sides over a link that loses, repeats, swaps, cuts and changes frames.
///
/// Whatever it does, both hold only what was written, and are equal after they have met over a good
/// link.
enum SessionTarget {
    static func run(_ input: Input) -> CInt {
        var input = input
        var fleet = TwoReplicas(writes: input.byte())
        fleet.meet { frames, fleet in deliver(&frames, &fleet, &input) }
        fleet.check()
        fleet.meetUndisturbed()
        require(fleet.isLevel, "not equal after a meeting over a good link")
        fleet.check()
        return 0
    }

    /// Does one thing to the frames on their way.
    ///
    /// - Returns: Whether the link is still there.
    private static func deliver(
        _ frames: inout [TwoReplicas.Flight], _ fleet: inout TwoReplicas, _ input: inout Input
    ) -> Bool {
        guard !input.isEmpty else { return false }
        let choice = input.byte()
        if choice & 0xf == 15 {
            fleet.write(choice & 16 == 0 ? .initiator : .responder)
            return true
        }
        guard !frames.isEmpty else { return choice & 0xf == 14 }
        var next = frames.removeFirst()
        switch choice & 0xf {
        case 8: return true
        case 9: frames.insert(next, at: 0)
        case 10:
            frames.append(next)
            return true
        case 11, 12:
            let place = Int(input.byte()) % next.bytes.count
            next.bytes[place] ^= 1 << (choice >> 4 & 7)
        case 13: next.bytes.removeLast(1 + Int(input.byte()) % next.bytes.count)
        default: break
        }
        fleet.arrive(next)
        return true
    }
}
