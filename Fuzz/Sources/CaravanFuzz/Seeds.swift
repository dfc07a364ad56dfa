import Foundation
import SyncEngine
import ZstdStream

/// What the search begins with: the frames of an exchange between two honest sides.
enum Seeds {
    /// How an initiator greets the replica of the chunk target.
    static let greeting: [[UInt8]] = Array(contents(to: .responder).prefix(2))

    /// Writes the inputs, one folder for each target.
    static func write(to folder: String) throws {
        let initiator = contents(to: .responder)
        let responder = contents(to: .initiator)
        try write(
            [[80] + stream(to: .responder), [81] + stream(to: .initiator)], to: folder, "frame")
        try write(
            [[0] + talk(initiator, greeting: 2), [1] + talk(responder, greeting: 0)], to: folder,
            "handshake")
        let chunks = initiator.filter { $0.first.map { $0 & 0b111 == 3 } ?? false }
        try write(
            chunks.indices.map { end in
                chunks[...end].flatMap { chunk in
                    [chunk[0] & 0b1111_1000] + Input.written(chunk.dropFirst())
                }
            }, to: folder, "chunk")
        try write(dictionary(), to: folder, "dictionary")
        let deliveries = [UInt8](repeating: 0, count: 40)
        try write(
            [
                [0x9f] + deliveries, [0x35] + deliveries + [15, 31] + deliveries,
                [0x35] + deliveries[..<4] + [9, 0, 0], [0x35, 0, 0, 0, 0, 11, 3],
                [0x9f, 0, 0, 0, 0, 0, 13, 1],
            ], to: folder, "session")
    }

    private static func stream(to side: SyncSession.Role) -> [UInt8] {
        var fleet = TwoReplicas(writes: 0x9f)
        fleet.meetUndisturbed()
        return fleet.log.filter { $0.target == side }.flatMap(\.bytes)
    }

    private static func contents(to side: SyncSession.Role) -> [[UInt8]] {
        FrameSeal.contents(of: stream(to: side))
    }

    /// Frames as the handshake target reads them; those from `greeting` on answer a greeting.
    private static func talk(_ contents: [[UInt8]], greeting: Int) -> [UInt8] {
        contents.enumerated().flatMap { number, content in
            [number < greeting ? 0 : 1] + Input.written(content)
        }
    }

    /// Three bodies of one stream, and one of another.
    private static func dictionary() -> [[UInt8]] {
        let stream = ZstdCompressor()
        do {
            var input: [UInt8] = []
            for count in [20, 300, 4_000] {
                let body = (0..<count).map { UInt8($0 % 7) }
                input += [20] + Input.written(try stream.compress(body))
            }
            return [input]
        } catch {
            require(false, "a body was not compressed: \(error)")
            return []
        }
    }

    private static func write(_ inputs: [[UInt8]], to folder: String, _ target: String) throws {
        let place = URL(filePath: folder).appending(path: target)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        for (number, input) in inputs.enumerated() {
            try Data(input).write(to: place.appending(path: "seed-\(number)"))
        }
    }
}
