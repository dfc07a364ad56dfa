import CausalTime
import FleetModel
import Foundation
import InspectKit
import ReplicaStore
import Testing

@Suite("Looking at replicas")
struct ReadingTests {
    @Test("changes no byte and leaves no file behind")
    func looksOnly() throws {
        let stores = try InspectedStores()
        try stores.travel()
        let before = try stores.contents(of: "phone")
        _ = try Inspection.summary(of: stores.store("phone"), at: stores.now)
        _ = try Inspection.difference(
            between: stores.store("phone"), and: stores.store("laptop"), at: stores.now)
        #expect(try stores.contents(of: "phone") == before)
    }

    @Test("works while the replica is being written, and sees what was acknowledged")
    func looksWhileServed() throws {
        let stores = try InspectedStores()
        try stores.serving("phone") { store in
            let before = try JSONText.of(
                Inspection.summary(of: stores.store("phone"), at: stores.now))
            try store.write(at: .init(milliseconds: stores.noon + 1000)) {
                try FleetChanges($0).addProfile(ICCID("8999999000000001014"), [.nickname: "New"])
            }
            let after = try JSONText.of(
                Inspection.summary(of: stores.store("phone"), at: stores.now))
            #expect(!before.contains("8999999000000001014"))
            #expect(after.contains("8999999000000001014"))
        }
    }

    @Test("what is stored cannot drive the terminal")
    func escapesControlCharacters() throws {
        let stores = try InspectedStores()
        try stores.change("phone") {
            try $0.addProfile(ICCID("8999999000000001014"), [.nickname: "\u{1B}[2J\u{7}evil"])
        }
        let text = try Inspection.summary(of: stores.store("phone"), at: stores.now)
            .text(isStyled: false)
        #expect(text.contains("evil"))
        #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    }

    @Test("a folder without a replica, and a file that is none, are the user's mistakes")
    func mistakesAreTheUsers() throws {
        let stores = try InspectedStores()
        try "no database".write(
            toFile: stores.folder + "/note.txt", atomically: true, encoding: .utf8)
        for path in ["/nowhere", "/note.txt"] {
            do {
                _ = try Inspection.summary(of: stores.folder + path, at: stores.now)
                Issue.record("\(path) was read")
            } catch {
                #expect(Inspection.isMistake(error), "\(error)")
                #expect(!"\(error)".contains("\n"))
            }
        }
    }
}
