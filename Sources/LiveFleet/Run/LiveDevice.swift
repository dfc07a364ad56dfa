import DeviceControl
import Simulator

/// One device of a live run: its process, which is started again whenever it ends unasked, and the
/// connections by which it is told what to do.
actor LiveDevice {
    /// The process, from its start to its end.
    private struct Service {
        let process: ChildProcess
        /// For operations, in order.
        let operations: ControlConnection
        /// For looking, which never waits for operations.
        let observation: ControlConnection
    }

    /// What others have to know about the process.
    enum Change: Sendable {
        /// It serves, and listens on a port.
        case started(port: Int)
        /// It ended although it should run.
        case ended(ChildProcess.Ending)
    }

    nonisolated let name: String
    private let launch: ChildProcess.Launch
    private let workspace: Workspace
    private let family: ProcessFamily

    private var isWanted: Bool
    private var isPaused = false
    private var process: ChildProcess?
    private var service: Service?
    private var failures = 0

    private static let pause: Duration = .milliseconds(10)
    private static let startPatience: Duration = .seconds(60)
    private static let failuresMax = 5

    init(
        name: String, isWanted: Bool, launch: ChildProcess.Launch, workspace: Workspace,
        family: ProcessFamily
    ) {
        self.name = name
        self.isWanted = isWanted
        self.launch = launch
        self.workspace = workspace
        self.family = family
    }

    /// Keeps the process running for as long as it should; ends only by being cancelled.
    ///
    /// - Parameter tell: Called when the process serves or has ended unasked.
    /// - Throws: `LiveError` if the process cannot be brought to serve.
    func supervise(telling tell: @Sendable (Change) -> Void) async throws {
        while true {
            if let process, let ending = process.poll() {
                drop()
                if isWanted { tell(.ended(ending)) }
            }
            if isWanted, service == nil, let port = try await start() {
                tell(.started(port: port))
            }
            try await reconnect()
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Lets the process stand still, with its connections; nobody is asked meanwhile.
    func pause() {
        isPaused = true
        process?.pause(true)
    }

    /// Lets the process go on.
    func resume() {
        process?.pause(false)
        isPaused = false
    }

    /// Kills the process; it stays down until ``restart()``.
    func crash() {
        isWanted = false
        isPaused = false
        process?.kill()
        drop()
    }

    /// Lets the process run again.
    func restart() { isWanted = true }

    /// Performs an operation, and waits for a process that can.
    func perform(_ command: DeviceCommand) async throws -> DeviceReply {
        try await ready().operations.ask(command)
    }

    /// Waits until the process serves.
    func waitUntilReady() async throws { _ = try await ready() }

    /// Asks without an effect; nothing if the process does not serve now.
    func observe(_ command: DeviceCommand) async throws -> DeviceReply? {
        guard let service, !isPaused else { return nil }
        do {
            return try await service.observation.ask(command)
        } catch is ControlConnection.Broken {
            return nil
        }
    }

    private func ready() async throws -> Service {
        while true {
            if let service, !isPaused { return service }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Opens connections anew that ended although the process goes on: a question that it did not
    /// answer because it stood still ends them.
    private func reconnect() async throws {
        guard let service, !isPaused, !service.operations.isOpen || !service.observation.isOpen
        else { return }
        let process = service.process
        guard process.poll() == nil, let (fresh, _) = try await connect(to: process),
            self.process === process
        else { return }
        service.operations.close()
        service.observation.close()
        self.service = fresh
    }

    private func drop() {
        service?.operations.close()
        service?.observation.close()
        service = nil
        process = nil
    }

    /// - Returns: The port that the process listens on; nothing if it does not serve.
    private func start() async throws -> Int? {
        let process = try family.start(launch)
        self.process = process
        let giveUp = ContinuousClock.now + Self.startPatience
        while ContinuousClock.now < giveUp, process.poll() == nil {
            if let (started, port) = try await connect(to: process) {
                // The scenario may have killed it meanwhile.
                guard self.process === process else { return nil }
                service = started
                failures = 0
                return port
            }
            try await Task.sleep(for: Self.pause)
        }
        guard self.process === process else { return nil }
        process.kill()
        drop()
        failures += 1
        guard failures < Self.failuresMax else { throw cannotServe }
        return nil
    }

    private func connect(
        to process: ChildProcess
    ) async throws -> (service: Service, port: Int)? {
        let socket = workspace.controlSocket(of: name)
        let operations: ControlConnection
        do {
            operations = try await ControlConnection.open(path: socket)
        } catch {
            // Nobody listens yet: the caller tries again.
            return nil
        }
        do {
            let observation = try await ControlConnection.open(path: socket)
            let service = Service(
                process: process, operations: operations, observation: observation)
            // It takes commands a moment before it accepts peers: the caller tries again.
            guard case .status(let status) = try await observation.ask(.status),
                let port = status.service?.port
            else {
                operations.close()
                observation.close()
                return nil
            }
            return (service, port)
        } catch {
            operations.close()
            return nil
        }
    }

    private var cannotServe: LiveError {
        let said = workspace.lastLine(of: name).map { ": \($0)" } ?? ""
        return LiveError(.failure, "\(name): the process does not serve\(said)")
    }
}

extension ServiceDescription {
    /// The port of `host:port`.
    fileprivate var port: Int? { listening.split(separator: ":").last.flatMap { Int($0) } }
}
