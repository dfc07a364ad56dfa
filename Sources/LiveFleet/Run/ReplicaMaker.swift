import FleetModel
import Foundation
import Simulator

/// Makes the replicas of a fleet by `caravan init`, and says how their processes are started.
struct ReplicaMaker: Sendable {
    let scenario: Scenario
    let executable: String
    let workspace: Workspace
    let family: ProcessFamily

    private static let patience: Duration = .seconds(30)

    /// Makes a replica for each device, all of one fleet.
    func makeReplicas() async throws -> ReplicaMaker {
        guard let first = scenario.devices.first else { return self }
        let fleet = try await makeReplica(of: first, fleet: nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for device in scenario.devices.dropFirst() {
                group.addTask { _ = try await makeReplica(of: device, fleet: fleet) }
            }
            try await group.waitForAll()
        }
        return self
    }

    /// How the process of a device is started: it listens on a free port, and dials the link's
    /// port for each link that it is the first device of.
    func service(ofDevice index: Int, proxies: LinkProxies) -> ChildProcess.Launch {
        let name = scenario.devices[index].name
        var arguments = ["serve", "--store", workspace.store(of: name), "--listen", "127.0.0.1:0"]
        for (number, link) in scenario.links.enumerated() where link.a == index {
            arguments += ["--peer", "127.0.0.1:\(proxies.port(ofLink: number))"]
        }
        var launch = launch(arguments)
        launch.output = workspace.log(of: name)
        launch.errors = workspace.log(of: name)
        return launch
    }

    private func launch(_ arguments: [String]) -> ChildProcess.Launch {
        var launch = ChildProcess.Launch(executable: executable, arguments: arguments)
        launch.environment = [
            "CARAVAN_RUNTIME_DIR": workspace.path + "/run",
            "CARAVAN_STATE_DIR": workspace.path + "/state",
        ]
        return launch
    }

    /// - Returns: The fleet.
    private func makeReplica(of device: Scenario.Device, fleet: String?) async throws -> String {
        var arguments = [
            "init", "--store", workspace.store(of: device.name), "--name", device.name,
            "--class", device.deviceClass.rawValue, "--json",
        ]
        if let fleet { arguments += ["--fleet", fleet] }
        var launch = launch(arguments)
        launch.output = "\(workspace.path)/\(device.name).init.json"
        launch.errors = workspace.log(of: device.name)
        let ending = try await run(launch)
        guard ending == .exited(0) else {
            let said = workspace.lastLine(of: device.name).map { ": \($0)" } ?? ""
            throw LiveError(.failure, "\(device.name): `caravan init` \(ending)\(said)")
        }
        return try fleetOfReplica(writtenTo: launch.output)
    }

    private func fleetOfReplica(writtenTo path: String) throws -> String {
        struct Answer: Decodable { let fleet: String }
        do {
            return try JSONDecoder().decode(
                Answer.self, from: Data(contentsOf: URL(filePath: path))
            ).fleet
        } catch {
            throw LiveError(.failure, "`caravan init --json` did not name the fleet: \(error)")
        }
    }

    private func run(_ launch: ChildProcess.Launch) async throws -> ChildProcess.Ending {
        let process = try family.start(launch)
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if let ending = process.poll() { return ending }
            try await Task.sleep(for: .milliseconds(10))
        }
        process.kill()
        throw LiveError(.failure, "`caravan \(launch.arguments[0])` did not end in time")
    }
}
