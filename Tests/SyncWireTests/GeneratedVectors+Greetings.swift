import CausalTime
import ReplicaModel
import SyncEngine
import SyncTestKit

extension GeneratedVectors {
    private typealias Script = VectorScript

    static func greetings() throws -> [Vector] {
        [
            try nothing(), try threeWriters(), try state(), try frontier(), try early(),
            try yielded(), try unknown(), try staged(), try allowance(),
            try nonce(),
        ]
    }

    private static func nothing() throws -> Vector {
        var script = try Script(bothSpeak: true)
        try script.say(Script.hello(digest: 0))
        try script.say(Script.hello(reference: .greeting), .responder)
        return script.vector(
            "hello-nothing",
            "Two replicas that hold nothing and remember nothing; the first tells its digest, and "
                + "the answer says that all is as in the greeting that it answers.")
    }

    private static func threeWriters() throws -> Vector {
        var script = try Script(bothSpeak: true)
        let third = WriterID(high: 0xcc << 56, low: 1)
        let vectors = Script.vectors(
            control: VersionVector([(Script.phone, 2), (Script.laptop, 1), (third, 3)]),
            settings: VersionVector([(Script.phone, 40_000)]),
            usage: VersionVector([(Script.phone, 300), (third, 1 << 40)]))
        try script.say(
            Script.hello(
                vectors, frontier: Script.vectors(usage: VersionVector([(third, 1 << 39)])),
                reference: .none(clock: HybridTimestamp(epoch: 2, ticks: Script.at(7, 3).ticks)),
                digest: 0x0123_4567_89ab_cdef))
        var other = vectors
        other[.settings] = VersionVector([(Script.phone, 39_999), (Script.laptop, 9)])
        try script.say(Script.hello(other, reference: .greeting), .responder)
        return script.vector(
            "hello-three-writers",
            "All of a greeting is told: three writers in three lanes, a frontier, a clock with "
                + "epoch and counter. The answer has one write less of one of them, none of the "
                + "frontier, and another writer in one lane, whom the first greeting has "
                + "introduced."
        )
    }

    private static func state() throws -> Vector {
        var script = try Script(bothSpeak: true)
        try script.say(
            Script.hello(
                Script.state.vectors, frontier: Script.state.frontier,
                reference: .state(Script.state)))
        var more = Script.state.vectors
        more[.usage].raise(Script.laptop, to: 1)
        try script.say(
            Script.hello(more, frontier: Script.state.frontier, reference: .greeting), .responder)
        try script.say(
            Script.chunk(
                .usage, claim: more[.usage],
                [
                    Script.cell(
                        .counter, lane: .usage, by: Script.laptop, seq: 1, life: 0, value: [9])
                ]),
            .responder)
        return script.vector(
            "hello-state",
            "A state that both remember is named by eight bytes. Its writers are in the table, in "
                + "ascending order: the answer refers to one of them, and introduces nobody.")
    }

    private static func frontier() throws -> Vector {
        var script = try Script(bothSpeak: true)
        try script.say(
            Script.hello(
                Script.state.vectors, frontier: Script.state.frontier,
                reference: .frontier(Script.state.frontier, clock: Script.at(1_000)), digest: 5))
        try script.say(
            Script.hello(Script.state.frontier, frontier: LaneVectors(), reference: .greeting),
            .responder)
        return script.vector(
            "hello-frontier",
            "Described against what every member has seen, of which the other side knows the same. "
                + "The answer is of somebody who has seen no more than that, and forgotten nothing."
        )
    }

    private static func early() throws -> Vector {
        var script = try Script(bothSpeak: true)
        var vectors = Script.state.vectors
        vectors[.settings].raise(Script.phone, to: 42)
        vectors[.usage].raise(Script.phone, to: 301)
        try script.say(
            Script.hello(
                vectors, frontier: Script.state.frontier, reference: .state(Script.state),
                following: [.settings, .usage]))
        try script.say(
            Script.chunk(
                claim: vectors[.settings], isLast: false,
                [Script.cell(field: 1, seq: 41, value: Script.text("Japan"))]))
        try script.say(
            Script.chunk(
                .usage, claim: vectors[.usage],
                [Script.cell(.counter, lane: .usage, seq: 301, life: 0, value: [9])]))
        try script.say(
            Script.chunk(
                claim: nil, [Script.cell(field: 2, seq: 42, value: CellValue.bool(true).encoded)]))
        try script.say(
            Script.hello(
                vectors, frontier: Script.state.frontier, reference: .greeting, applied: 2),
            .responder)
        try script.say(.acknowledgement(applied: 1))
        return script.vector(
            "hello-following",
            "Two segments follow the greeting, their chunks interleaved. They are sent before the "
                + "other side's greeting is read, so their checks do not depend on it; that of the "
                + "acknowledgement afterwards does.")
    }

    private static func yielded() throws -> Vector {
        var script = try Script(bothSpeak: true, capabilities: .yields)
        var phone = Script.state.vectors
        phone[.settings].raise(Script.phone, to: 60)
        try script.say(
            Script.hello(
                phone, frontier: Script.state.frontier, reference: .state(Script.state),
                lateness: 3_515))
        var laptop = Script.state.vectors
        laptop[.settings].raise(Script.laptop, to: 20)
        try script.say(
            Script.hello(
                laptop, frontier: Script.state.frontier, reference: .greeting,
                yielded: [.settings]),
            .responder)
        try script.say(
            Script.chunk(
                claim: phone[.settings], [Script.cell(seq: 60, value: Script.text("Japan"))]))
        return script.vector(
            "hello-yielded",
            "An initiator whose clock is an hour later than that of the state, and a responder "
                + "that lets it send first.")
    }

    private static func unknown() throws -> Vector {
        var script = try Script(bothSpeak: true)
        var vectors = Script.state.vectors
        vectors[.settings].raise(Script.phone, to: 41)
        try script.say(
            Script.hello(
                vectors, frontier: Script.state.frontier, reference: .state(Script.state),
                following: [.settings]),
            isUnderstood: false)
        guard
            case .chunk(let chunk) = Script.chunk(
                claim: vectors[.settings], [Script.cell(seq: 41, value: Script.text("Japan"))])
        else { return script.vector("", "") }
        try script.sayInVain(chunk)
        let laptop = Script.vectors(control: VersionVector([(Script.laptop, 1)]))
        try script.say(
            Script.hello(laptop, digest: 7, isReferenceUnknown: true), .responder)
        try script.say(
            Script.hello(vectors, frontier: Script.state.frontier, reference: .greeting))
        try script.say(.chunk(chunk))
        return script.vector(
            "hello-unknown-reference",
            "The state is not known to the responder, so it passes over the greeting and the "
                + "segment that follows, and tells all of its own greeting. The table of writers "
                + "begins anew with that; the initiator greets again, against it.")
    }

    private static func staged() throws -> Vector {
        var script = try Script(bothSpeak: true)
        let settings = VersionVector([(Script.phone, 9)])
        try script.say(Script.hello(Script.vectors(settings: settings)))
        let (phone, laptop) = (Script.phone, Script.laptop)
        let held = DotSet(
            [1, 2, 3, 7].map { Dot(writer: phone, sequence: $0) }
                + [Dot(writer: laptop, sequence: 1_000)])
        try script.say(
            Script.hello(reference: .greeting, staged: [.settings: held]), .responder)
        try script.say(
            Script.chunk(
                claim: settings,
                dropped: DotSet([2, 7].map { Dot(writer: phone, sequence: $0) }),
                [Script.cell(seq: 9, value: Script.text("Japan"))]))
        return script.vector(
            "hello-staged",
            "The responder holds five writes of segments that were cut off, of a writer "
                + "that it has "
                + "to introduce as well. Of the segment that it lacks two of them are no part any "
                + "more, and two are not sent.")
    }

    private static func allowance() throws -> Vector {
        try preamble(
            "allowance", Script(bothSpeak: true, allowance: 2_500),
            "The responder may send no more than 2,500 bytes after its preamble; the initiator may "
                + "send any number.")
    }

    private static func nonce() throws -> Vector {
        try preamble(
            "nonce", Script(bothSpeak: true, nonce: 0x1234_abcd),
            "The initiator has drawn a number: the checks of both hellos are other ones than "
                + "without it.")
    }

    /// What a preamble may hold beside names, before hellos that say nothing.
    private static func preamble(
        _ name: String, _ opened: Script, _ description: String
    ) throws -> Vector {
        var script = opened
        try script.say(Script.hello(digest: 0))
        try script.say(Script.hello(reference: .greeting), .responder)
        return script.vector("preamble-\(name)", description)
    }
}
