import Caravan
import CausalTime
import FleetModel
import SyncTransport

/// Carries out commands on the device in a folder, whoever holds its replica.
///
/// A process that serves the replica is asked through its socket; otherwise the replica is opened
/// under its exclusive lock for the one command.
package struct DeviceClient: Sendable {
    private let folder: DeviceFolder

    /// Names a device by its folder.
    package init(folder: String) { self.folder = DeviceFolder(path: folder) }

    /// Carries out a command; what goes wrong is a reply too.
    package func execute(_ command: DeviceCommand) async -> DeviceReply {
        do {
            switch try await folder.access() {
            case .served(let client):
                let reply = await ask(client, command)
                await client.close()
                return reply
            case .free(let replica):
                let reply = await DeviceExecutor(replica: replica).execute(command)
                try await replica.close()
                return reply
            }
        } catch {
            return .failed(DeviceFailure(error))
        }
    }

    private func ask(
        _ client: ControlSocketClient, _ command: DeviceCommand
    ) async -> DeviceReply {
        do {
            let line = try await client.request(
                ControlLine.encode(command), timeout: command.patience)
            return try ControlLine.decode(DeviceReply.self, from: line)
        } catch let error as SyncError {
            return .failed(
                .failure(
                    "\(folder.path): the process that serves the replica did not answer "
                        + "(\(error.message)); the command may have been carried out"))
        } catch {
            return .failed(
                .failure(
                    "\(folder.path): the process that serves the replica answered what is not "
                        + "understood here; is it of the same version?"))
        }
    }

    /// Makes a replica, and a fleet unless one is named, and makes the device a member.
    package func create(
        name: String, deviceClass: String, fleet: String? = nil
    ) async -> DeviceReply {
        do {
            let kind = try Self.deviceClass(deviceClass)
            guard (1...64).contains(name.utf8.count) else {
                throw DeviceFailure.mistake("a device's name has 1 to 64 bytes")
            }
            let replica = try await Replica.create(
                at: folder.path, fleet: try fleet.map(Self.fleet), name: name, deviceClass: kind)
            let creation = DeviceCreation(
                fleet: replica.fleet.description, device: replica.device.description, name: name,
                deviceClass: kind.rawValue)
            try await replica.close()
            return .created(creation)
        } catch {
            return .failed(DeviceFailure(error))
        }
    }

    private static func deviceClass(_ text: String) throws(DeviceFailure) -> DeviceClass {
        guard let kind = DeviceClass(rawValue: text) else {
            let known = DeviceClass.allCases.map(\.rawValue).joined(separator: ", ")
            throw .mistake("unknown class '\(text)'; known: \(known)")
        }
        return kind
    }

    private static func fleet(_ text: String) throws(DeviceFailure) -> FleetID {
        guard let fleet = FleetID(text) else {
            throw .mistake(
                "'\(text)' is no fleet: 32 hexadecimal digits, as `caravan init` and `caravan "
                    + "status` print them")
        }
        return fleet
    }
}

extension DeviceCommand {
    /// How long the serving process may take: an exchange has a limit of its own.
    var patience: Duration {
        if case .sync = self { .seconds(90) } else { .seconds(60) }
    }
}
