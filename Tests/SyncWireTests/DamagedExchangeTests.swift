import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit
import SyncWire
import Testing

/// Whatever a carrier does to the bytes, a replica holds what it held at some time of the exchange
/// without damage, and another session brings both level.
@Suite("Exchanges over a carrier that loses and changes bytes")
struct DamagedExchangeTests {
    @Test(
        "Every cut, every flipped bit, every frame that is lost, repeated or swapped",
        arguments: [Vector.Side.initiator, .responder])
    func everyDamage(side: Vector.Side) throws {
        let exchange = ExchangedWrites.small()
        #expect(exchange.isLevel)
        let course = try #require(exchange.courses[side])
        let damages = Damage.all(of: course.frames)
        #expect(course.frames.count >= 7 && damages.count > 1_000)
        var check = DamageCheck(exchange, side)
        for damage in damages { try check.run(damage) }
        #expect(check.endedSessions > damages.count * 3 / 4)
    }

    @Test(
        "Every frame of a large exchange that is lost, repeated or swapped, and damage anywhere",
        arguments: 1...6)
    func largeExchange(seed: UInt64) throws {
        let exchange = ExchangedWrites.large(seed: seed)
        #expect(exchange.isLevel)
        var random = SplitMix64(seed: seed)
        for side in [Vector.Side.initiator, .responder] {
            let course = try #require(exchange.courses[side])
            var check = DamageCheck(exchange, side)
            for damage in Damage.ofFrames(course.frames, within: 2) { try check.run(damage) }
            for _ in 0..<150 {
                if let damage = Damage.random(of: course.frames, using: &random) {
                    try check.run(damage)
                }
            }
            #expect(check.endedSessions > 100)
        }
    }

    @Test("The large exchanges have raw and compressed chunks, several to a segment, and snapshots")
    func largeExchangeHasAll() throws {
        var heads: Set<UInt8> = []
        var continuations = 0
        var snapshots = 0
        for seed in UInt64(1)...6 {
            let exchange = ExchangedWrites.large(seed: seed)
            // It comes with a snapshot only.
            if exchange.outcome(of: .responder).frontier != LaneVectors() { snapshots += 1 }
            for side in [Vector.Side.initiator, .responder] {
                for frame in try #require(exchange.courses[side]).frames {
                    let parts = try #require(FrameParts(beginning: frame[...]))
                    let head = frame[parts.headIndex]
                    heads.insert(head)
                    // A raw chunk in the middle of a segment.
                    if head == 3, frame[parts.headIndex + 1] & 0b11 == 0 { continuations += 1 }
                }
            }
        }
        #expect(heads.isSuperset(of: [1, 2, 3, 4, 0x83]))
        #expect(continuations > 0 && snapshots > 0)
    }

    @Test("What was sent to another replica, or in another session, is not taken in")
    func otherReceiver() throws {
        let exchange = ExchangedWrites.small()
        let frames = try #require(exchange.courses[.responder]).frames
        // The responder had some of it, and loses that again: its greeting is another one.
        let former = MemoryReplica()
        var side = ExchangeSide(.responder, former, limits: exchange.limits)
        _ = side.begin()
        for frame in frames { _ = side.perform(.arrival(frame)) }
        #expect(side.connection.isClosed)
        #expect(former.cells.isEmpty && former.vectors == LaneVectors())
    }
}

/// Replays one side of an exchange with damage.
struct DamageCheck {
    private let exchange: RecordedExchange
    private let side: Vector.Side
    /// How many states have been seen to become level in another session.
    private var levelled: Set<Int> = []
    private(set) var endedSessions = 0

    init(_ exchange: RecordedExchange, _ side: Vector.Side) {
        self.exchange = exchange
        self.side = side
    }

    mutating func run(_ damage: Damage) throws {
        let course = try #require(exchange.courses[side])
        let stepsBefore = damage.intact == 0 ? 0 : course.arrivals[damage.intact - 1] + 1
        let replica = course.states[0].copy()
        var player = ExchangeSide(side, replica, limits: exchange.limits)
        _ = player.begin()
        for step in course.steps[..<stepsBefore] { _ = player.perform(step) }
        #expect(!player.connection.isClosed, "\(damage.name)")
        for bytes in damage.rest { _ = player.perform(.arrival(bytes)) }

        #expect(replica.holdsTheSame(as: course.states[stepsBefore]), "\(damage.name)")
        if player.connection.isClosed { endedSessions += 1 }
        if damage.endsSession { #expect(player.connection.isClosed, "\(damage.name)") }
        guard levelled.insert(stepsBefore).inserted else { return }
        let other = exchange.outcome(of: side == .initiator ? .responder : .initiator)
        let again = RecordedExchange(
            initiator: side == .initiator ? replica : other,
            responder: side == .initiator ? other : replica, limits: exchange.limits)
        #expect(again.isLevel, "after \(damage.name)")
    }
}
