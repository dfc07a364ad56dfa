import ArgumentParser
import DeviceControl

/// What every verb takes.
struct StoreOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The device's folder.", valueName: "dir"))
    var store: String

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    /// Carries out a command on the device and prints the reply.
    func perform(_ command: DeviceCommand) async throws {
        try show(await DeviceClient(folder: store).execute(command))
    }

    /// Prints a reply, or throws what it says went wrong.
    func show(_ reply: DeviceReply) throws {
        if case .failed(let failure) = reply { throw failure }
        Output.write(json ? try DeviceJSON.line(reply) : DeviceText.text(reply))
    }
}
