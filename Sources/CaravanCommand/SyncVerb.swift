import ArgumentParser
import DeviceControl

struct SyncVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Exchange with one peer now.")

    @OptionGroup var options: StoreOptions

    @Argument(help: ArgumentHelp("Where the peer is served.", valueName: "host:port"))
    var address: String

    @Option(
        help: ArgumentHelp(
            "How many bytes may pass, such as 200kB; what does not fit goes the next time.",
            valueName: "bytes"))
    var budget: String?

    func run() async throws {
        try await options.perform(
            .sync(address: address, budget: budget.map { try CommandText.bytes(parsing: $0) }))
    }
}

struct StatusVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How the device is.")

    @OptionGroup var options: StoreOptions

    func run() async throws { try await options.perform(.status) }
}

struct ReserveVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reserve", abstract: "Reserve bytes of the pool before they are used.",
        discussion: "More than the device holds rights to is refused, so a pool is never overdrawn."
    )

    @OptionGroup var options: StoreOptions

    @Argument(help: "How many, such as 25MB.")
    var bytes: String

    func run() async throws {
        try await options.perform(.reserve(bytes: CommandText.bytes(parsing: bytes)))
    }
}
