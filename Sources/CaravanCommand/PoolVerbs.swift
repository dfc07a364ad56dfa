import ArgumentParser
import DeviceControl

struct PoolVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "The fleet's shared data.",
        subcommands: [GrantBytes.self, Allocate.self, Show.self])

    struct GrantBytes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "grant", abstract: "Add bytes that were bought for the fleet.",
            discussion: "All rights to them are this device's until it allocates them.")

        @OptionGroup var options: StoreOptions
        @Argument(help: "How many, such as 20GB.") var bytes: String
        @Option(help: "For how long: 30d, 12h, 90m, 45s or 4w.") var valid = "30d"

        func run() async throws {
            try await options.perform(
                .poolGrant(
                    bytes: CommandText.bytes(parsing: bytes),
                    validSeconds: DurationText.seconds(parsing: valid)))
        }
    }

    struct Allocate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hand each device its share of every valid grant.",
            discussion: "The shares add up to 100%. A device hands on what it holds itself.")

        @OptionGroup var options: StoreOptions
        @Argument(help: ArgumentHelp("Such as phone=40%.", valueName: "name=share"))
        var shares: [String]

        func run() async throws {
            try await options.perform(
                .poolAllocate(shares: shares.map { try CommandText.share(parsing: $0) }))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show grants, and what each device may use and has used.")

        @OptionGroup var options: StoreOptions

        func run() async throws { try await options.perform(.poolShow) }
    }
}
