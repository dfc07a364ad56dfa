import Foundation
import Testing

@Suite("What goes wrong with a device", .timeLimit(.minutes(3)))
struct DeviceMistakeTests {
    private let fleet: DeviceFleet

    init() throws { fleet = try DeviceFleet() }

    /// Expects one line on standard error, the same as JSON, and a status.
    private func expectFailure(
        _ status: Int32, _ text: String, _ arguments: [String],
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let run = try await DeviceTool.run(arguments + ["--json"], in: fleet.folder)
        #expect(run.status == status, "\(arguments): \(run.errors)", sourceLocation: location)
        #expect(run.errors.hasPrefix("caravan: "), "\(run.errors)", sourceLocation: location)
        #expect(
            run.errors.split(separator: "\n").count == 1, "\(run.errors)", sourceLocation: location)
        #expect(run.errors.contains(text), "\(run.errors)", sourceLocation: location)
        let error = try run.object()["error"] as? String
        #expect("caravan: \(error ?? "")\n" == run.errors, sourceLocation: location)
    }

    private func contents(_ path: String) -> Data? {
        FileManager.default.contents(atPath: fleet.folder + "/" + path)
    }

    private func write(_ data: Data, to path: String) throws {
        try data.write(to: URL(filePath: fleet.folder + "/" + path))
    }

    @Test(
        "Mistakes end with status 2 and say what is wrong",
        arguments: [
            (["usage", "record", "25mb"], "did you mean 'MB'"),
            (["usage", "record", "25MB", "--country", "Schweiz"], "country code"),
            (["reserve", "-5MB"], "bytes"),
            (["reserve", "5MB"], "no grant"),
            (["pool", "grant", "1GB", "--valid", "30"], "length of time"),
            (["pool", "grant", "1GB", "--valid", "0d"], "not within"),
            (["pool", "grant", "0GB"], "1 to 2^63 - 1 bytes"),
            (["pool", "allocate", "phone"], "NAME=SHARE"),
            (["pool", "allocate", "phone=40"], "percentage"),
            (["profile", "add", "12"], "no ICCID"),
            (["profile", "set", "8941000000000000001", "nickname=x"], "no profile"),
            (["profile", "set", "8941000000000000001", "color=x"], "unknown profile field"),
            (["profile", "remove", "8941000000000000001"], "no profile"),
            (["sync", "example.com:7420"], "not authenticated yet"),
            (["sync", "127.0.0.1"], "HOST:PORT"),
            (["serve", "--listen", "0.0.0.0:7420"], "not authenticated yet"),
            (["serve", "--listen", "127.0.0.1:0", "--peer", "10.0.0.1:1"], "not authenticated"),
            (["serve"], "--listen"),
            (["dance"], "unknown verb 'dance'"),
            (["init", "--name", "x", "--class", "toaster"], "unknown class"),
            (["init", "--name", "", "--class", "phone"], "1 to 64 bytes"),
            (["init", "--name", "x", "--class", "phone", "--fleet", "12"], "no fleet"),
            (["init", "--name", "x", "--class", "phone"], "exists already"),
        ])
    func mistakes(arguments: [String], text: String) async throws {
        try await fleet.make("phone")
        let digest = try await fleet.digest("phone")
        try await expectFailure(2, text, arguments + ["--store", "phone"])
        #expect(try await fleet.digest("phone") == digest)
    }

    @Test("Shares that do not add up, unknown devices and too few rights change nothing")
    func poolMistakes() async throws {
        try await fleet.make("phone")
        try await fleet.device("phone", "pool", "grant", "1GB")
        let digest = try await fleet.digest("phone")
        try await expectFailure(
            2, "add up to 90%", ["pool", "allocate", "phone=90%", "--store", "phone"])
        try await expectFailure(
            2, "no device 'laptop'",
            ["pool", "allocate", "phone=60%", "laptop=40%", "--store", "phone"])
        try await expectFailure(
            2, "holds rights to 1.0 GB", ["reserve", "2GB", "--store", "phone"])
        #expect(try await fleet.digest("phone") == digest)
    }

    @Test("Where there is no replica, nothing is made")
    func noReplica() async throws {
        try await expectFailure(2, "caravan init", ["status", "--store", "nowhere"])
        try await expectFailure(
            2, "no replica", ["serve", "--store", "nowhere", "--listen", "127.0.0.1:0"])
        #expect(!FileManager.default.fileExists(atPath: fleet.folder + "/nowhere"))
        try await expectFailure(2, "--store", ["status"])
    }

    @Test("A file that is no replica is left as it is")
    func notAReplica() async throws {
        try await fleet.make("phone")
        for junk in [Data("This is a diary, not a database.".utf8), Data(count: 5000)] {
            try write(junk, to: "phone/replica.sqlite")
            try await expectFailure(2, "not a replica", ["status", "--store", "phone"])
            #expect(contents("phone/replica.sqlite") == junk)
        }
    }

    @Test("A replica of a later version is left as it is")
    func newerSchema() async throws {
        try await fleet.make("phone")
        var bytes = try #require(contents("phone/replica.sqlite"))
        // SQLite keeps `user_version` at offset 60 of the file, big-endian.
        bytes.replaceSubrange(60..<64, with: [0, 0, 3, 231])
        try write(bytes, to: "phone/replica.sqlite")
        try await expectFailure(2, "999", ["status", "--store", "phone"])
        #expect(contents("phone/replica.sqlite") == bytes)
    }

    @Test("A replica is served by one process at a time")
    func servedTwice() async throws {
        try await fleet.make("phone")
        let phone = try await ServingDevice("phone", in: fleet)
        try await expectFailure(
            1, "served by another process",
            ["serve", "--store", "phone", "--listen", "127.0.0.1:0"])
        try await fleet.device("phone", "status")
        #expect(try await phone.terminate() == 0)
    }

    @Test("A process that holds the replica and does not answer is waited for, then named")
    func heldByAnother() async throws {
        try await fleet.make("phone")
        let lock = open(fleet.folder + "/phone/lock", O_RDWR)
        #expect(flock(lock, LOCK_EX) == 0)
        defer { close(lock) }
        try await expectFailure(1, "in use by another process", ["status", "--store", "phone"])
    }

    @Test("A port in use is a failure, and the replica is free again")
    func portInUse() async throws {
        try await fleet.make("phone", "laptop")
        let phone = try await ServingDevice("phone", in: fleet)
        try await expectFailure(
            1, "\(phone.address): the port is in use",
            ["serve", "--store", "laptop", "--listen", phone.address])
        try await fleet.device("laptop", "status")
        try await expectFailure(1, "nobody answers", ["sync", "127.0.0.1:1", "--store", "laptop"])
    }

    @Test("A device of another fleet is refused")
    func otherFleet() async throws {
        try await fleet.make("phone")
        try await fleet.make("stranger")
        let phone = try await ServingDevice("phone", in: fleet)
        try await expectFailure(
            2, "of another fleet", ["sync", phone.address, "--store", "stranger"])
        _ = try await phone.line { $0.contains("refused: ") || $0.contains("refused by the peer") }
    }

    @Test("Help is a success, and so is a reader that goes away")
    func outputs() async throws {
        try await fleet.make("phone")
        for help in [["--help"], [], ["pool", "--help"], ["help", "serve"]] {
            let run = try await DeviceTool.run(help, in: fleet.folder)
            #expect(run.status == 0 && run.output.contains("USAGE") && run.errors.isEmpty)
        }
        for arguments in [["status", "--store", "phone"], ["--help"]] {
            let process = try DeviceTool.process(arguments, in: fleet.folder)
            let output = Pipe()
            process.standardOutput = output
            try output.fileHandleForReading.close()
            try process.run()
            let status = try await DeviceTool.onOwnThread {
                process.waitUntilExit()
                return process.terminationStatus
            }
            #expect(status == 0)
            #expect(process.terminationReason == .exit)
        }
    }
}
