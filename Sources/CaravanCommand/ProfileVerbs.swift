import ArgumentParser
import DeviceControl

struct ProfileVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile", abstract: "The fleet's eSIM profiles.",
        subcommands: [Add.self, Edit.self, Remove.self, List.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a profile.")

        @OptionGroup var options: StoreOptions
        @Argument(help: "18 to 20 digits.") var iccid: String
        @Option(help: "What people call it.") var nickname: String?
        @Option(help: "The service provider's name.") var provider: String?
        @Option(help: "The home network, five or six digits.") var homePlmn: String?
        @Option(help: "The access point name.") var apn: String?
        @Option(help: "Whether data roaming is wished for: true or false.") var roaming: String?

        func run() async throws {
            let given = [
                "nickname": nickname, "provider": provider, "home-plmn": homePlmn, "apn": apn,
                "roaming": roaming,
            ]
            try await options.perform(
                .profileAdd(iccid: iccid, fields: given.compactMapValues { $0 }))
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Set fields of a profile.",
            discussion: "Fields: nickname, provider, home-plmn, apn, roaming.")

        @OptionGroup var options: StoreOptions
        @Argument(help: "18 to 20 digits.") var iccid: String
        @Argument(help: ArgumentHelp("Such as nickname=Japan.", valueName: "field=value"))
        var fields: [String]

        func run() async throws {
            try await options.perform(
                .profileEdit(iccid: iccid, fields: CommandText.fields(parsing: fields)))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a profile.")

        @OptionGroup var options: StoreOptions
        @Argument(help: "18 to 20 digits.") var iccid: String

        func run() async throws { try await options.perform(.profileRemove(iccid: iccid)) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the profiles.")

        @OptionGroup var options: StoreOptions

        func run() async throws { try await options.perform(.profileList) }
    }
}
