import Caravan
import SyncTransport
import TerminalText

extension DeviceFailure {
    /// What an error of the library means to whoever gave the command.
    init(_ error: any Error) {
        if let failure = error as? DeviceFailure {
            self = failure
        } else {
            self.init(
                isMistake: ErrorBlame(of: error) == .caller, message: "\(error)".printable)
        }
    }

    /// Something that the caller has to put right.
    static func mistake(_ message: String) -> DeviceFailure {
        DeviceFailure(isMistake: true, message: message.printable)
    }

    /// Something that went wrong.
    static func failure(_ message: String) -> DeviceFailure {
        DeviceFailure(isMistake: false, message: message.printable)
    }
}
