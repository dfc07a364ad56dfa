import ArgumentParser
import DeviceControl

struct PoolVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "The fleet's shared data.",
        subcommands: [
            GrantBytes.self, Allocate.self, Request.self, Close.self, Show.self,
        ])

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
        @Option(help: "For how long they may use it, such as 7d; otherwise as long as the grant.")
        var lease: String?
        @Option(help: "With a lease: below how many bytes a device asks for more.")
        var topUpBelow: String?

        func validate() throws {
            guard lease != nil || topUpBelow == nil else {
                throw ValidationError("--top-up-below belongs to a --lease")
            }
        }

        func run() async throws {
            let terms = try lease.map {
                DeviceCommand.LeaseTerms(
                    seconds: try DurationText.seconds(parsing: $0),
                    topUpBelow: try CommandText.bytes(parsing: topUpBelow ?? "0"))
            }
            try await options.perform(
                .poolAllocate(
                    shares: shares.map { try CommandText.share(parsing: $0) }, lease: terms))
        }
    }

    struct Request: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask the other devices for rights.",
            discussion: "Whoever holds more hands some on at the next contact.")

        @OptionGroup var options: StoreOptions
        @Argument(help: "How much is to be there to reserve, such as 200MB.") var bytes: String

        func run() async throws {
            try await options.perform(
                .poolRequest(bytes: CommandText.bytes(parsing: bytes)))
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give this device's part of a grant back, for good.")

        @OptionGroup var options: StoreOptions
        @Argument(help: "The grant, as pool show names it.") var grant: String

        func run() async throws { try await options.perform(.poolClose(grant: grant)) }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show grants, and what each device may use and has used.")

        @OptionGroup var options: StoreOptions

        func run() async throws { try await options.perform(.poolShow) }
    }
}
