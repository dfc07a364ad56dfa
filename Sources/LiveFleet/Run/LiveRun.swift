package import Simulator

/// Runs a scenario with real processes: one `caravan` for each device, which talk TCP on loopback
/// by way of a proxy that cuts and restores their links.
///
/// ```
/// make replicas → start processes → grant, allocate, add profiles → the scenario → heal → judge
/// ```
///
/// Whatever happens, no process outlives the run, and its folder is removed unless it is to be
/// kept. SIGINT, SIGTERM and SIGHUP end the run.
package struct LiveRun: Sendable {
    /// The most devices that can run at once on one machine.
    package static let devicesMax = 64

    private let scenario: Scenario
    private let executable: String
    private let keptFolder: String?
    private let display: any LiveDisplay

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - scenario: What happens; its seed decides everything that it leaves open.
    ///   - executable: The `caravan` to run.
    ///   - keptFolder: Where replicas and logs lie, and stay; without one they are removed.
    ///   - display: Shows what happens. It is closed when the run ends.
    /// - Throws: `LiveError` where the scenario cannot be run like this.
    package init(
        of scenario: Scenario, executable: String, keepingIn keptFolder: String? = nil,
        display: any LiveDisplay
    ) throws {
        guard scenario.devices.count <= Self.devicesMax else {
            throw LiveError(
                .mistake,
                "\(scenario.devices.count) devices are too many for real processes, at most "
                    + "\(Self.devicesMax) can run; `caravan-sim run` has no such limit")
        }
        if let (line, what) = scenario.virtualOnly {
            throw LiveError(
                .mistake,
                "line \(line): \(what) exists in virtual time only; use `caravan-sim run`")
        }
        self.scenario = scenario
        self.executable = executable
        self.keptFolder = keptFolder
        self.display = display
    }

    /// Runs to the end and judges.
    ///
    /// - Throws: `LiveError` where the run could not come to a judgement.
    package func run() async throws -> RunReport {
        defer { display.close() }
        let workspace = try Workspace(keeping: keptFolder)
        let family = try ProcessFamily(removing: workspace.isKept ? nil : workspace.path)
        do {
            let report = try await untilSignalled(family) {
                try await perform(workspace, family)
            }
            family.end()
            try workspace.remove()
            return report
        } catch {
            family.end()
            try workspace.remove()
            throw error
        }
    }

    /// Runs a body, unless a signal asks to end before it does.
    private func untilSignalled(
        _ family: ProcessFamily, _ body: @escaping @Sendable () async throws -> RunReport
    ) async throws -> RunReport {
        let watch = SignalWatch()
        return try await firstResult(family) { group in
            group.addTask { try await body() }
            group.addTask {
                for await signal in watch.signals {
                    throw LiveError(.interrupted(signal), "interrupted by signal \(signal)")
                }
                return nil
            }
        }
    }

    private func perform(_ workspace: Workspace, _ family: ProcessFamily) async throws -> RunReport
    {
        let random = SeededRandom(seed: scenario.seed)
        let schedule = Schedule(of: scenario, random: random)
        let maker = ReplicaMaker(
            scenario: scenario, executable: executable, workspace: workspace, family: family)
        let replicas = try await maker.makeReplicas()
        let proxies = try await LinkProxies.open(for: scenario, random: random)
        let clock = LiveClock(
            timescale: scenario.timescale, lead: LiveStage.openingPatience * 4)
        let joining = scenario.joiningDevices
        let devices = scenario.devices.indices.map { index in
            LiveDevice(
                name: scenario.devices[index].name, isWanted: !joining.contains(index),
                launch: replicas.service(ofDevice: index, proxies: proxies),
                workspace: workspace, family: family)
        }
        let stage = LiveStage(
            scenario: scenario, schedule: schedule, clock: clock, proxies: proxies,
            devices: devices, display: display)
        let report = try await firstResult(family) { group in
            for (index, device) in devices.enumerated() {
                group.addTask {
                    try await device.supervise { stage.note($0, ofDevice: index) }
                    return nil
                }
            }
            group.addTask {
                try await stage.watch.run()
                return nil
            }
            group.addTask {
                try await stage.keepDisplayFresh(seed: scenario.seed)
                return nil
            }
            group.addTask {
                defer { stage.conclude() }
                let report = try await stage.play(seed: scenario.seed)
                display.refresh(stage.picture(seed: scenario.seed))
                return report
            }
        }
        try await proxies.close()
        return report
    }

    /// Runs tasks until one has a result or fails; then ends all processes and all other tasks.
    private func firstResult(
        _ family: ProcessFamily,
        _ addTasks: (inout ThrowingTaskGroup<RunReport?, any Error>) -> Void
    ) async throws -> RunReport {
        try await withThrowingTaskGroup(of: RunReport?.self) { group in
            addTasks(&group)
            // Only a process that ends lets go of those who wait for its answer.
            defer {
                family.end()
                group.cancelAll()
            }
            for try await case let report? in group { return report }
            throw LiveError(.failure, "the run ended without a report")
        }
    }
}
