import ArgumentParser
import Foundation
import LiveFleet
import Simulator

/// How the command ends when it could not do what it was asked for.
enum Failure {
    private static let failed: Int32 = 1
    private static let mistaken: Int32 = 2

    /// Says what is wrong on one line and ends the process.
    static func exit(for error: any Error) -> Never {
        switch error {
        case let error as InputError: end(mistaken, error.description)
        case let error as LiveError:
            switch error.kind {
            case .mistake: end(mistaken, error.description)
            case .failure: end(failed, error.description)
            // The convention of shells for a process that a signal ended.
            case .interrupted(let signal): end(128 + signal, error.description)
            }
        case let error as CocoaError: end(failed, line(for: error))
        default: endByParser(error)
        }
    }

    /// Which file it was about, and what the system said.
    private static func line(for error: CocoaError) -> String {
        let cause = (error.underlying as? POSIXError).map {
            String(cString: strerror($0.code.rawValue)).lowercased()
        }
        return "\(error.filePath.map { $0 + ": " } ?? "")\(cause ?? error.localizedDescription)"
    }

    private static func endByParser(_ error: any Error) -> Never {
        switch CaravanSim.exitCode(for: error) {
        case .validationFailure: end(mistaken, CaravanSim.fullMessage(for: error), prefix: "")
        case .success: CaravanSim.exit(withError: error)
        case let code where error is ExitCode: Foundation.exit(code.rawValue)
        default: end(failed, "\(error)")
        }
    }

    private static func end(
        _ status: Int32, _ message: String, prefix: String = "caravan-sim: "
    ) -> Never {
        FileHandle.standardError.write(Data("\(prefix)\(message)\n".utf8))
        Foundation.exit(status)
    }
}
