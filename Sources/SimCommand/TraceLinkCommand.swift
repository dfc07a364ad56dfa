import ArgumentParser
import Simulator

/// The verb `trace-link`.
struct TraceLinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace-link",
        abstract: "Make up when a link carries something, and print it.",
        discussion: """
            A file for `links: {trace: FILE}` of a scenario, in the format of the Mahimahi \
            emulator: each line is a time in milliseconds at which 1,500 bytes may pass. The rate \
            wanders around its mean, and now and then nothing passes. The same options give the \
            same file.
            """)

    @Option(help: "The rate in the middle, in kbit/s.")
    var rate = 1000.0

    @Option(help: "How long it is, in seconds; then it begins anew.")
    var seconds = 60

    @Option(help: "How long an interruption is in the middle, in seconds; 0 for none.")
    var outage = 2.0

    @Option(help: "How long it is from one interruption to the next in the middle, in seconds.")
    var pause = 15.0

    @Option(help: "Where all chance comes from.")
    var seed: UInt64 = 1

    func validate() throws {
        guard rate > 0, rate <= 100_000, (1...3600).contains(seconds), outage >= 0, pause > 0 else {
            throw ValidationError(
                "The rate goes up to 100000 kbit/s, the length from 1 to 3600 seconds.")
        }
    }

    func run() {
        let maker = LinkTraceMaker(
            bitsPerSecond: rate * 1000, seconds: seconds, outage: outage, pause: pause)
        print(maker.text(seed: seed), terminator: "")
    }
}
