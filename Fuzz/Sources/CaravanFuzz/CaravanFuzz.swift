import CFuzzer
import Glibc

/// Runs one target under libFuzzer, or writes the inputs that the search begins with.
///
/// ```
/// caravan-fuzz --target=TARGET [LIBFUZZER OPTIONS] [FOLDERS OR FILES]
/// caravan-fuzz --seeds=FOLDER
/// ```
///
/// A target traps where something must not be; libFuzzer keeps the input and ends.
@main enum CaravanFuzz {
    typealias Target = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

    /// Each by its name, which is also that of its folder in the corpus.
    static let targets: [(name: String, run: Target)] = [
        ("frame", { bytes, count in FrameTarget.run(Input(bytes, count)) }),
        ("handshake", { bytes, count in HandshakeTarget.run(Input(bytes, count)) }),
        ("chunk", { bytes, count in ChunkTarget.run(Input(bytes, count)) }),
        ("dictionary", { bytes, count in DictionaryTarget.run(Input(bytes, count)) }),
        ("session", { bytes, count in SessionTarget.run(Input(bytes, count)) }),
    ]

    static func main() throws {
        if let folder = value(of: "seeds") {
            try Seeds.write(to: folder)
            return
        }
        guard let name = value(of: "target"),
            let target = targets.first(where: { $0.name == name })
        else {
            print("usage: caravan-fuzz --target=NAME [LIBFUZZER OPTIONS] [FOLDERS OR FILES]")
            print("       caravan-fuzz --seeds=FOLDER")
            print("targets: \(targets.map(\.name).joined(separator: ", "))")
            return
        }
        // libFuzzer ignores what begins with two dashes, and hands it on to its own children.
        var count = CommandLine.argc
        var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &values, target.run)
    }

    private static func value(of option: String) -> String? {
        let start = "--\(option)="
        return CommandLine.arguments.first { $0.hasPrefix(start) }.map {
            String($0.dropFirst(start.count))
        }
    }
}

/// The bytes of one run, taken from the front.
struct Input {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
        rest = Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count))[...]
    }

    var isEmpty: Bool { rest.isEmpty }

    /// The next byte; 0 when there is none.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// A piece with its length before it: one byte, or from 224 on with another one.
    mutating func piece() -> [UInt8] {
        var length = Int(byte())
        if length >= 224 { length = 224 + (length - 224) << 8 + Int(byte()) }
        let piece = rest.prefix(length)
        rest = rest.dropFirst(length)
        return Array(piece)
    }

    /// How a piece is written.
    static func written(_ piece: some Collection<UInt8>) -> [UInt8] {
        guard piece.count >= 224 else { return [UInt8(piece.count)] + piece }
        let more = min(piece.count - 224, 31 << 8 + 255)
        return [UInt8(224 + more >> 8), UInt8(more & 255)] + piece.prefix(224 + more)
    }
}

/// What must hold; a run in which it does not is a finding.
func require(_ condition: Bool, _ meaning: @autoclosure () -> String) {
    if condition { return }
    let line = Array("found: \(meaning())\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    abort()
}
