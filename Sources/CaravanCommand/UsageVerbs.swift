import ArgumentParser
import DeviceControl

struct UsageVerbs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage", abstract: "The traffic that devices measured.",
        subcommands: [Record.self, List.self])

    struct Record: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record traffic that this device has measured.",
            discussion: "A measurement is a fact: it is never refused for lack of rights.")

        @OptionGroup var options: StoreOptions
        @Argument(help: "Bytes received, such as 25MB.") var bytes: String
        @Option(help: "Bytes sent.") var sent = "0"
        @Option(help: "The profile that carried the traffic.") var iccid = ""
        @Option(help: "The life of the modem's counter.") var epoch: UInt64 = 0
        @Option(help: "The visited country, such as CH.") var country = ""

        func run() async throws {
            try await options.perform(
                .usageRecord(
                    DeviceCommand.UsageMeasurement(
                        received: CommandText.bytes(parsing: bytes),
                        sent: CommandText.bytes(parsing: sent), iccid: iccid, epoch: epoch,
                        country: country)))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what was measured.")

        @OptionGroup var options: StoreOptions

        func run() async throws { try await options.perform(.usageList) }
    }
}
