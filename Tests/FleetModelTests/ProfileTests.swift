import CausalTime
import FleetModel
import ReplicaModel
import SyncTestKit
import Testing

@Suite("Profiles")
struct ProfileTests {
    let phone: FleetReplica
    let laptop: FleetReplica
    let tablet: FleetReplica
    let travel: ICCID

    init() throws {
        phone = try FleetReplica(1)
        laptop = try FleetReplica(2)
        tablet = try FleetReplica(3)
        travel = try ICCID("89490200001234567890")
    }

    @Test("that one device adds are there on every other, with their fields")
    func additionsSpread() throws {
        try phone.changes.addProfile(
            travel, [.nickname: "Japan, 10 GB", .homePLMN: "44010", .roaming: "true"])
        try meet(phone, laptop, tablet)
        for replica in [phone, laptop, tablet] {
            let profile = try #require(try replica.view.profiles().first)
            #expect(profile.iccid == travel)
            #expect(
                profile.fields == [
                    .nickname: "Japan, 10 GB", .homePLMN: "44010", .roaming: "true",
                ])
        }
    }

    @Test("keep the later of two edits of a field on every device, whoever meets first")
    func laterEditsWin() throws {
        try phone.changes.addProfile(travel)
        try meet(phone, laptop, tablet)
        phone.now = 2000
        try phone.changes.setProfile(travel, .nickname, to: "later")
        laptop.now = 1000
        try laptop.changes.setProfile(travel, .nickname, to: "earlier")
        try tablet.pull(from: phone)
        try tablet.pull(from: laptop)
        try meet(laptop, tablet, phone)
        for replica in [phone, laptop, tablet] {
            #expect(try replica.view.profiles().first?.fields[.nickname] == "later")
        }
    }

    @Test("keep edits of different fields by different devices")
    func editsOfOtherFieldsStay() throws {
        try phone.changes.addProfile(travel, [.nickname: "before"])
        try meet(phone, laptop)
        try phone.changes.setProfile(travel, .nickname, to: "by the phone")
        try laptop.changes.setProfile(travel, .apn, to: "by.the.laptop")
        try meet(phone, laptop)
        let fields = try phone.view.profiles().first?.fields
        #expect(fields == [.nickname: "by the phone", .apn: "by.the.laptop"])
        #expect(try laptop.view.profiles() == phone.view.profiles())
    }

    @Test("that are removed go everywhere, and with them edits that did not know it")
    func removalsBeatEdits() throws {
        try phone.changes.addProfile(travel, [.nickname: "before"])
        try meet(phone, laptop)
        try phone.changes.removeProfile(travel)
        laptop.now = 5000
        try laptop.changes.setProfile(travel, .nickname, to: "not knowing")
        try meet(phone, laptop)
        #expect(try phone.view.profiles().isEmpty)
        #expect(try laptop.view.profiles().isEmpty)
        #expect(throws: FleetError.unknownProfile(travel)) {
            try laptop.changes.setProfile(travel, .nickname, to: "still")
        }
    }

    @Test("that come back have nothing of their former life, not even late edits")
    func comingBackIsAFreshStart() throws {
        try phone.changes.addProfile(travel, [.nickname: "first life", .apn: "internet"])
        try meet(phone, laptop, tablet)
        tablet.now = 9000
        try tablet.changes.setProfile(travel, .provider, to: "offline, of the first life")
        try phone.changes.removeProfile(travel)
        try meet(phone, laptop)
        try laptop.changes.addProfile(travel, [.nickname: "second life"])
        try meet(phone, laptop, tablet)
        for replica in [phone, laptop, tablet] {
            let fields = try replica.view.profiles().first?.fields
            #expect(fields == [.nickname: "second life"])
        }
    }

    @Test("are added once and edited only if they are there")
    func existenceIsChecked() throws {
        #expect(throws: FleetError.unknownProfile(travel)) {
            try phone.changes.setProfile(travel, .nickname, to: "x")
        }
        #expect(throws: FleetError.unknownProfile(travel)) {
            try phone.changes.removeProfile(travel)
        }
        try phone.changes.addProfile(travel)
        #expect(throws: FleetError.profileExists(travel)) { try phone.changes.addProfile(travel) }
    }

    @Test("that two devices add at once are one profile with the fields of both")
    func concurrentAdditionsMerge() throws {
        try phone.changes.addProfile(travel, [.nickname: "by the phone"])
        try laptop.changes.addProfile(travel, [.apn: "internet"])
        try meet(phone, laptop)
        for replica in [phone, laptop] {
            let profiles = try replica.view.profiles()
            #expect(profiles.count == 1)
            #expect(profiles.first?.fields == [.nickname: "by the phone", .apn: "internet"])
        }
    }

    @Test("refuse values that no card takes, whatever the field")
    func valuesAreChecked() throws {
        try phone.changes.addProfile(travel)
        let refused: [(ProfileField, String)] = [
            (.nickname, String(repeating: "ü", count: 33)),
            (.provider, String(repeating: "x", count: 33)),
            (.apn, String(repeating: "x", count: 101)),
            (.homePLMN, "2620"), (.homePLMN, "2620a"), (.homePLMN, "2620123"),
            (.roaming, "yes"),
        ]
        for (field, value) in refused {
            #expect(throws: FleetError.self) {
                try phone.changes.setProfile(travel, field, to: value)
            }
        }
        try phone.changes.setProfile(travel, .nickname, to: String(repeating: "ü", count: 32))
        #expect(try phone.view.profiles().first?.fields.count == 1)
    }
}

@Suite("Members")
struct MemberTests {
    @Test("are found by name and by identifier, and by neither if it is not unique")
    func membersAreFound() throws {
        let (phone, laptop) = (try FleetReplica(1), try FleetReplica(2))
        try phone.changes.joinFleet(name: "mine", deviceClass: .phone)
        try laptop.changes.joinFleet(name: "work", deviceClass: .laptop)
        try meet(phone, laptop)
        #expect(try phone.view.members().map(\.name) == ["mine", "work"])
        #expect(try phone.view.member(named: "work").device == laptop.device)
        #expect(try phone.view.member(named: laptop.device.description).name == "work")
        #expect(throws: FleetError.unknownDevice("watch")) {
            try phone.view.member(named: "watch")
        }
        try laptop.changes.joinFleet(name: "mine", deviceClass: .laptop)
        try meet(phone, laptop)
        #expect(throws: FleetError.ambiguousDevice("mine")) {
            try phone.view.member(named: "mine")
        }
    }

    @Test("have a name of 1 to 64 bytes")
    func namesAreChecked() throws {
        let phone = try FleetReplica(1)
        for name in ["", String(repeating: "x", count: 65)] {
            #expect(throws: FleetError.self) {
                try phone.changes.joinFleet(name: name, deviceClass: .phone)
            }
        }
        #expect(try phone.view.members().isEmpty)
    }
}
