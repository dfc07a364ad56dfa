import Caravan
import Foundation
import Testing

/// A transfer that is cut goes on where it stopped, with whomever.
@Suite("Cut transfers") struct CutTransferTests {
    private static func filled() async throws -> Replica {
        let phone = try await Replica.inMemory(name: "phone", deviceClass: .phone)
        try await phone.write { fleet in
            for number in 0..<1200 {
                let card = try ICCID("89410000000000\(100_000 + number)")
                try fleet.addProfile(
                    card, [.nickname: "\(number.hashValueOfOurs) \(number * number)"])
            }
        }
        return phone
    }

    private static func other(of phone: Replica, _ name: String) async throws -> Replica {
        try await Replica.inMemory(fleet: phone.fleet, name: name, deviceClass: .laptop)
    }

    /// Everything that a session sends until both are level, as sent by `one`.
    private static func exchange(_ one: Replica, _ other: Replica) throws -> Int {
        var (calling, answering) = (one.session(), other.answeringSession())
        try SessionTests.exchange(&calling, &answering)
        return Int(calling.bytesSent)
    }

    @Test("resend at most one chunk, wherever the cut was")
    func resend() async throws {
        let phone = try await Self.filled()
        let whole = try Self.exchange(phone, try await Self.other(of: phone, "control"))
        #expect(whole > 12_000)
        for cut in stride(from: 500, to: whole, by: whole / 23) {
            let laptop = try await Self.other(of: phone, "laptop")
            var (calling, answering) = (phone.session(), laptop.answeringSession())
            let answer = try answering.receive(calling.start())
            let bytes = try calling.receive(answer)
            _ = try answering.receive(Array(bytes.prefix(cut)))
            #expect(try await laptop.read { try $0.profiles().isEmpty }, "visible at \(cut)")

            let again = try Self.exchange(phone, laptop)
            #expect(again + cut < whole + Self.chunkAllowance, "cut at \(cut)")
            #expect(try await phone.summary() == laptop.summary(), "cut at \(cut)")
        }
    }

    @Test("go on with another device, also one that knows less or more")
    func otherPeer() async throws {
        let phone = try await Self.filled()
        let watch = try await Self.other(of: phone, "watch")
        let whole = try Self.exchange(phone, watch)
        let laptop = try await Self.other(of: phone, "laptop")
        var (calling, answering) = (phone.session(), laptop.answeringSession())
        let bytes = try calling.receive(answering.receive(calling.start()))
        _ = try answering.receive(Array(bytes.prefix(whole * 3 / 4)))

        // Half of what the laptop has kept is superseded or new on the watch.
        try await watch.write { fleet in
            for number in 0..<300 {
                let card = try ICCID("89410000000000\(100_000 + number)")
                try fleet.setProfile(card, .nickname, to: "again \(number)")
            }
        }
        let rest = try Self.exchange(watch, laptop)
        #expect(rest < whole * 3 / 4)
        #expect(try await watch.summary() == laptop.summary())
        _ = try Self.exchange(phone, laptop)
        #expect(try await phone.summary() == laptop.summary())
    }

    @Test("what was kept is there after the replica was opened again")
    func reopened() async throws {
        let phone = try await Self.filled()
        let folder = URL.temporaryDirectory.appending(path: "cut-\(UUID().uuidString)")
        defer { removeFolder(folder) }
        let path = folder.appending(path: "replica").path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var laptop = try await Replica.create(
            at: path, fleet: phone.fleet, name: "laptop", deviceClass: .laptop)
        var (calling, answering) = (phone.session(), laptop.answeringSession())
        let bytes = try calling.receive(answering.receive(calling.start()))
        _ = try answering.receive(Array(bytes.prefix(bytes.count / 2)))
        try await laptop.close()
        laptop = try Replica.open(at: path)
        let rest = try Self.exchange(phone, laptop)
        #expect(rest < bytes.count * 2 / 3)
        #expect(try await phone.summary() == laptop.summary())
        try await laptop.close()
    }

    /// A chunk as sent, greetings, and what names the writes that are held.
    private static let chunkAllowance = 6_000

    private func removeFolder(_ folder: URL) {
        do { try FileManager.default.removeItem(at: folder) } catch {
            Issue.record("cannot remove \(folder.path): \(error)")
        }
    }
}

extension Int {
    /// Something that does not compress, the same in every process.
    fileprivate var hashValueOfOurs: UInt64 {
        var value = UInt64(self) &+ 0x9e37_79b9_7f4a_7c15
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        return value ^ value >> 27
    }
}
