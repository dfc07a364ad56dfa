import CausalTime
import ReplicaModel
import SyncEngine
import SyncWire

/// Frames with the right checks, of anything, against a connection of an empty replica.
enum HandshakeTarget {
    static func run(_ input: Input) -> CInt {
        var input = input
        let role: SyncSession.Role = input.byte() & 1 == 0 ? .responder : .initiator
        var talk = HostileTalk(role, FuzzReplica())
        while !input.isEmpty {
            let options = input.byte()
            talk.send(input.piece(), options: options)
        }
        return 0
    }
}

/// The body of chunks, after a greeting that is always the same, against a replica that has some
/// cells.
enum ChunkTarget {
    static func run(_ input: Input) -> CInt {
        var input = input
        var author = Author(.responder)
        let replica = FuzzReplica()
        for _ in 0..<9 { replica.write(author.next()) }
        var talk = HostileTalk(.responder, replica)
        for content in Seeds.greeting { talk.send(content, options: 0) }
        while !input.isEmpty {
            let options = input.byte()
            talk.send([options & 0b1111_1000 | 3] + input.piece(), options: 1)
        }
        return 0
    }
}

/// A peer that sends what it likes, and one side that has to bear it.
struct HostileTalk {
    private let replica: FuzzReplica
    private var connection: Connection
    private var seal = FrameSeal()
    private var now = MonotonicTime(sinceStart: .zero)

    init(_ role: SyncSession.Role, _ replica: FuzzReplica) {
        self.replica = replica
        connection = Author.connection(role)
        seal.note(connection.connected(at: now, replica: replica).bytes)
    }

    /// Sends a head and a body.
    ///
    /// Of `options`, bit 0 says whether the check takes the other side's greeting into account, bit
    /// 1 that the check is wrong, bit 2 that the frame arrives in two parts, and bit 3 that time
    /// passes first.
    mutating func send(_ content: [UInt8], options: UInt8) {
        guard !content.isEmpty, !connection.isClosed else { return }
        if options & 8 != 0 {
            now = now + .seconds(1)
            take(connection.timeReached(at: now, replica: replica), isAllowedToApply: false)
        }
        var frame = seal.frame(content, isAnswer: options & 1 != 0)
        let isDamaged = options & 2 != 0 && frame.count > content.count + 1
        if isDamaged { frame[frame.count - 1] ^= 0x10 }
        let middle = options & 4 != 0 ? frame.count / 2 : 0
        for part in [frame[..<middle], frame[middle...]] where !part.isEmpty {
            guard !connection.isClosed else { return }
            take(
                connection.received(Array(part), at: now, replica: replica),
                isAllowedToApply: !isDamaged)
        }
    }

    private mutating func take(_ output: Connection.Output, isAllowedToApply: Bool) {
        seal.note(output.bytes)
        let reported = output.progress.count { if case .applied = $0 { true } else { false } }
        require(isAllowedToApply || reported == 0, "a damaged frame changed the replica")
        require(connection.isClosed || output.close == nil, "closed, and still open")
        if case .replicaFailed(let text) = output.close {
            require(false, "a peer made the replica fail: \(text)")
        }
    }
}
