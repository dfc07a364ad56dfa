import Caravan
import SyncTestKit

/// Carries the bytes of two sessions, in pieces, and as badly as it is told to.
struct HistoryCarrier: CustomStringConvertible {
    /// What becomes of the exchange.
    enum Fate {
        /// All bytes arrive.
        case whole
        /// Nothing arrives any more after so many bytes.
        case cut(after: Int)
        /// The piece after so many bytes is spoilt, once.
        case damaged(Damage, after: Int)
    }

    /// What happens to a piece.
    enum Damage: String, CaseIterable, CustomStringConvertible {
        case lost, repeated, swapped, changed

        var description: String { rawValue }
    }

    private var sessions: [ReplicaSession]
    private let fate: Fate
    /// What is under way to either side.
    private var toSide: [[UInt8]] = [[], []]
    /// A piece that is waiting to be overtaken, and to which side.
    private var held: (side: Int, piece: [UInt8])?
    private var carried = 0
    private var error: SyncError?
    /// Whether something was spoilt.
    private(set) var hasDamaged = false

    init(_ one: ReplicaSession, _ other: ReplicaSession, fate: Fate) {
        sessions = [one, other]
        self.fate = fate
    }

    var description: String {
        "\(error.map(\.description) ?? "no error"), synchronized "
            + "\(sessions.map(\.isSynchronized)), cells \(sessions.map(\.cellsReceived))"
    }

    var isSynchronized: Bool { sessions.allSatisfy(\.isSynchronized) && error == nil }

    mutating func start(using random: inout SplitMix64) throws {
        toSide[1] += try sessions[0].start()
        toSide[0] += try sessions[1].start()
    }

    /// Sends on what a side's replica has come to hold meanwhile.
    mutating func notice(_ side: Int) throws {
        guard !sessions[side].isClosed else { return }
        toSide[1 - side] += try sessions[side].changed()
    }

    /// Carries a piece; says whether there was one, and a use for it.
    mutating func carry(using random: inout SplitMix64) throws -> Bool {
        let waiting = [0, 1].filter { !toSide[$0].isEmpty && !sessions[$0].isClosed }
        guard !waiting.isEmpty else { return try carryHeld() }
        let side = random.pick(waiting)
        let length = min(toSide[side].count, 1 + Int(random.next() % 300))
        var piece = Array(toSide[side].prefix(length))
        toSide[side].removeFirst(length)
        carried += length
        switch fate {
        case .whole: break
        case .cut(let after): if carried > after { return false }
        case .damaged(let damage, let after):
            guard carried > after, !hasDamaged else { break }
            guard spoil(&piece, damage, side, using: &random) else { return true }
        }
        try deliver(piece, to: side)
        if let held, held.side == side {
            self.held = nil
            try deliver(held.piece, to: side)
        }
        return true
    }

    /// Spoils a piece; says whether something of it is to be delivered now.
    private mutating func spoil(
        _ piece: inout [UInt8], _ damage: Damage, _ side: Int, using random: inout SplitMix64
    ) -> Bool {
        hasDamaged = true
        switch damage {
        case .lost: return false
        case .repeated: piece += piece
        case .changed:
            piece[Int(random.next() % UInt64(piece.count))] ^= UInt8(1 << (random.next() % 8))
        case .swapped:
            held = (side, piece)
            return false
        }
        return true
    }

    /// A piece that nothing overtook arrives in its place after all.
    private mutating func carryHeld() throws -> Bool {
        guard let held else { return false }
        self.held = nil
        hasDamaged = false
        try deliver(held.piece, to: held.side)
        return true
    }

    private mutating func deliver(_ piece: [UInt8], to side: Int) throws {
        guard !sessions[side].isClosed else { return }
        do {
            toSide[1 - side] += try sessions[side].receive(piece)
        } catch {
            self.error = error
            // The other side hears why, if it can.
            toSide[1 - side] += sessions[side].farewell
        }
    }

    /// Whether one of the sides has noticed, or does as soon as it has waited long enough.
    mutating func endsWithError() throws -> Bool {
        for _ in 0..<4 where error == nil {
            for side in [0, 1] {
                guard let deadline = sessions[side].deadline else { continue }
                do {
                    toSide[1 - side] += try sessions[side].proceed(at: deadline)
                } catch {
                    self.error = error
                }
            }
        }
        return error != nil
    }
}
