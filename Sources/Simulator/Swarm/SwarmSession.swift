import ReplicaModel
import SyncEngine
import SyncWire
import ZstdStream

/// One connection of a random world: the production session, codec and compression at either end,
/// and what becomes of the bytes in between.
///
/// Side 0 dialled. Direction 0 goes from side 0 to side 1.
final class SwarmSession {
    typealias Connection = SyncConnection<ZstdCompressor, ZstdDecompressor>

    /// Bytes that arrive, and whether they are not those that were sent.
    struct Piece {
        var bytes: [UInt8]
        var isDamaged = false
        /// Whether the connection ends after them.
        var endsHere = false
    }

    let meeting: SwarmEvent.Meeting
    let seats: [SwarmSeat]
    /// The processes that it is between.
    let lives: [Int]
    let start: Duration
    var ends: [Connection?]
    var isOpen = true
    /// When the last bytes under way in a direction arrive.
    var arrival: [Duration]
    var scheduled: [Duration?] = [nil, nil]
    /// Whether anything happened that excuses it from succeeding.
    var isDisturbed: Bool
    /// Whether damaged bytes have arrived at a side.
    var isDamaged = [false, false]
    var isSynchronized = [false, false]
    /// Whether it carried a change.
    var hasCarried = false
    /// What both sides together had seen when it began.
    var goal = LaneVectors()
    /// What side 0 has sent.
    private(set) var recording: [UInt8] = []
    /// Which of the mishaps have happened.
    private(set) var happened: [Bool]

    /// All that each side has sent, where mishaps may change it.
    private var stream: [[UInt8]] = [[], []]
    /// How many bytes have been passed on of each side's.
    private var passed = [0, 0]
    private var isChanged = [false, false]
    private var sent = [0, 0]
    private var isSilent = [false, false]
    private var isCut = false
    /// A piece that is waiting to be overtaken.
    private var held: [[UInt8]?] = [nil, nil]
    private static let recordingBytesMax = 32 << 10

    init(_ meeting: SwarmEvent.Meeting, _ seats: [SwarmSeat], at now: Duration) {
        self.meeting = meeting
        self.seats = seats
        lives = seats.map(\.life)
        start = now
        arrival = [now, now]
        happened = meeting.mishaps.map { _ in false }
        isDisturbed = !meeting.mishaps.isEmpty
        ends = [SyncSession.Role.initiator, .responder].enumerated().map { side, role in
            Connection(
                role: role, identity: seats[side].identity, nonce: seats[side].nonces.connection(),
                expecting: role == .initiator ? seats[1].identity.device : nil,
                limits: seats[side].sessionLimits, compressor: ZstdCompressor(),
                decompressor: ZstdDecompressor())
        }
    }

    /// Whether both processes are those that began it.
    var isCurrent: Bool { isOpen && zip(seats, lives).allSatisfy { $0.life == $1 } }

    func side(of seat: SwarmSeat) -> Int? { seats.firstIndex { $0 === seat } }

    /// What becomes of bytes that a side sends.
    func pass(_ bytes: [UInt8], from side: Int) -> [Piece] {
        if side == 0, recording.count < Self.recordingBytesMax { recording += bytes }
        guard !isCut else { return [] }
        guard !meeting.mishaps.isEmpty else { return [Piece(bytes: bytes)] }
        var pieces = [Piece(bytes: bytes)]
        let start = sent[side]
        sent[side] += bytes.count
        stream[side] += bytes
        if let waiting = held[side] {
            held[side] = nil
            pieces.append(Piece(bytes: waiting))
        }
        for index in meeting.mishaps.indices where !happened[index] {
            meet(with: index, &pieces, start, side)
        }
        guard !isSilent[side] else { return [] }
        return pieces.filter { !$0.bytes.isEmpty || $0.endsHere }.map { compared($0, side) }
    }

    /// Says whether a piece, or one before it, is other than what was sent: two mishaps together
    /// may leave everything as it was.
    private func compared(_ piece: Piece, _ side: Int) -> Piece {
        let expected = stream[side].dropFirst(passed[side]).prefix(piece.bytes.count)
        passed[side] += piece.bytes.count
        if !expected.elementsEqual(piece.bytes) { isChanged[side] = true }
        var piece = piece
        piece.isDamaged = isChanged[side]
        return piece
    }

    /// Lets a mishap happen if these bytes are what it is about.
    private func meet(
        with index: Int, _ pieces: inout [Piece], _ start: Int, _ side: Int
    ) {
        let length = pieces[0].bytes.count
        func reaches(_ direction: Int, _ offset: Int) -> Bool {
            direction == side && start + length > offset && start <= offset
        }
        switch meeting.mishaps[index] {
        case .partition(let after):
            guard sent[0] + sent[1] > after else { return }
            isSilent = [true, true]
        case .asymmetric(let direction, let after):
            guard direction == side, start + length > after else { return }
            isSilent[direction] = true
        case .halfOpen(let gone, let after):
            guard sent[0] + sent[1] > after, gone == side else { return }
            ends[gone] = nil
            isSilent = [true, true]
        case .cut(let direction, let after):
            guard reaches(direction, after) else { return }
            pieces[0].bytes = Array(pieces[0].bytes.prefix(after - start))
            pieces = [pieces[0]]
            pieces[0].endsHere = true
            isCut = true
        case .lost(let direction, let at, let count):
            guard reaches(direction, at) else { return }
            spoil(&pieces, at - start, count) { _ in [] }
        case .repeated(let direction, let at, let count):
            guard reaches(direction, at) else { return }
            let again = Array(pieces[0].bytes.dropFirst(at - start).prefix(count))
            spoil(&pieces, min(at - start + count, length), 0) { _ in again }
        case .swapped(let direction, let at, _):
            guard reaches(direction, at) else { return }
            held[side] = Array(pieces[0].bytes.dropFirst(at - start))
            pieces[0].bytes = Array(pieces[0].bytes.prefix(at - start))
        case .corrupted(let direction, let at, let bit):
            guard reaches(direction, at) else { return }
            spoil(&pieces, at - start, 1) { $0.map { $0 ^ UInt8(1 << (bit & 7)) } }
        }
        happened[index] = true
    }

    /// Replaces some bytes of the first piece by others; what comes from there on is a piece apart.
    private func spoil(
        _ pieces: inout [Piece], _ offset: Int, _ count: Int, _ change: ([UInt8]) -> [UInt8]
    ) {
        let bytes = pieces[0].bytes
        let before = Array(bytes.prefix(offset))
        let changed = change(Array(bytes.dropFirst(offset).prefix(count)))
        let after = Array(bytes.dropFirst(offset + count))
        pieces[0].bytes = before
        pieces.insert(Piece(bytes: changed + after), at: 1)
    }
}
