import ArgumentParser
import DeviceControl

struct InitVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a device, and a fleet unless one is named.")

    @OptionGroup var options: StoreOptions

    @Option(help: "What people call the device.")
    var name: String

    @Option(
        name: .customLong("class"),
        help: "phone, laptop, tablet, watch, router, vehicle or other.")
    var deviceClass: String

    @Option(
        help: ArgumentHelp(
            "The fleet to join, as another device's init printed it.", valueName: "id"))
    var fleet: String?

    func run() async throws {
        let client = DeviceClient(folder: options.store)
        try options.show(
            await client.create(name: name, deviceClass: deviceClass, fleet: fleet))
    }
}
