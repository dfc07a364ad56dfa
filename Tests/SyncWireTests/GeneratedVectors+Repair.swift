import CausalTime
import ReplicaModel
import SyncEngine

extension GeneratedVectors {
    private typealias Script = VectorScript

    /// Two replicas that have seen two writes, of which the laptop has lost the second: a whole
    /// repair, from the greetings on.
    static func repair() throws -> Vector {
        let cells = [
            Script.cell(seq: 1, value: Script.text("Japan")),
            Script.cell(.counter, lane: .usage, seq: 2, life: 0, value: [3]),
        ]
        var vectors = Script.vectors(settings: VersionVector([(Script.phone, 1)]))
        vectors[.usage] = VersionVector([(Script.phone, 2)])
        let hashes = cells.map(\.digestShare)
        let key: UInt64 = 0x0123_4567_89ab_cdef
        var encoder = SketchEncoder(items: hashes, key: key)

        var script = try Script(bothSpeak: true)
        try script.say(Script.hello(vectors))
        try script.say(
            .hello(
                Hello(
                    vectors: vectors, frontier: LaneVectors(), reference: .greeting,
                    digest: Digest(value: hashes[0]))), .responder)
        try script.say(.repair(.sketch(key: key, encoder.symbols(upTo: 2))))
        try script.say(.repair(.more(upTo: 4)), .responder)
        try script.say(.repair(.symbols(encoder.symbols(upTo: 4))))
        try script.say(.repair(.difference([], wanted: [hashes[1]])), .responder)
        try script.say(.repair(.part([cells[0]])))
        try script.say(.repair(.cells([cells[1]])))
        try script.say(.repair(.cells([])), .responder)
        return script.vector(
            "repair",
            "Two that have seen the same have different digests. The initiator sends a sketch of "
                + "its two cells, the responder asks for more of it, then for the one cell that it "
                + "does not have. (It could have told with the first symbols already, and nobody "
                + "sends a cell that was not asked for: this shows every kind of message.)",
            replay: .decoding)
    }
}
