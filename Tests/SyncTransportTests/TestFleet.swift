import Caravan
import CausalTime
import FleetModel
import Foundation
import SyncTransport

/// Replicas in a temporary folder that is gone when the value is.
final class TestFleet: Sendable {
    let folder: String
    let fleet: FleetID

    init() {
        var random = SystemRandomNumberGenerator()
        fleet = .random(using: &random)
        folder = NSTemporaryDirectory() + "caravan-transport-" + fleet.abbreviated
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            // What is left lies in the system's temporary folder.
            print("\(folder): \(error)")
        }
    }

    /// A device of this fleet, or of another one.
    func replica(_ name: String, fleet other: FleetID? = nil) async throws -> Replica {
        try await Replica.create(
            at: folder + "/" + name, fleet: other ?? fleet, name: name, deviceClass: .phone)
    }

    /// A folder for other files.
    func emptyFolder(_ name: String) throws -> String {
        let path = folder + "/" + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

extension Replica {
    func addProfile(_ digits: String, nickname: String = "") async throws {
        let iccid = try ICCID(digits)
        try await write { try $0.addProfile(iccid, [.nickname: nickname]) }
    }

    func profiles() async throws -> [String] {
        try await read { try $0.profiles().map(\.iccid.digits) }
    }

    func memberNames() async throws -> [String] {
        try await read { try $0.members().map(\.name) }.sorted()
    }
}

extension SyncAddress {
    /// Any port of this machine.
    static func anyPort() throws -> SyncAddress { try SyncAddress(host: "127.0.0.1", port: 0) }
}
