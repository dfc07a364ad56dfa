import Caravan
import CausalTime
import FleetModel
import ReplicaModel
import SyncTransport
import Testing

@Suite("Exchange over TCP", .timeLimit(.minutes(2)))
struct ExchangeTests {
    private let fleet = TestFleet()

    @Test("Two devices that were apart have the same data once they have met")
    func devicesConverge() async throws {
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        try await phone.addProfile("8941000000000000001", nickname: "Schweiz")
        try await laptop.addProfile("8949000000000000002", nickname: "Deutschland")
        try await serving(phone) { served in
            try await serving(laptop, peers: [served.address]) { dialing in
                try await served.events.synchronized()
                try await dialing.events.synchronized()
            }
        }
        #expect(try await phone.profiles() == ["8941000000000000001", "8949000000000000002"])
        #expect(try await phone.memberNames() == ["laptop", "phone"])
        #expect(try await phone.summary() == laptop.summary())
    }

    @Test("A write reaches the peers that are connected")
    func writesArePushed() async throws {
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        try await serving(phone) { served in
            try await serving(laptop, peers: [served.address]) { dialing in
                try await served.events.synchronized()
                try await dialing.events.synchronized()
                try await phone.addProfile("8941000000000000001")
                try await dialing.events.received()
                #expect(try await laptop.profiles() == ["8941000000000000001"])
                try await laptop.addProfile("8949000000000000002")
                try await served.events.received()
                #expect(
                    try await phone.profiles() == ["8941000000000000001", "8949000000000000002"])
            }
        }
    }

    @Test("A write reaches devices that are connected through another one only")
    func writesAreRelayed() async throws {
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        let watch = try await fleet.replica("watch")
        try await serving(phone) { middle in
            try await serving(laptop, peers: [middle.address]) { left in
                try await serving(watch, peers: [middle.address]) { right in
                    try await left.events.synchronized()
                    try await right.events.synchronized()
                    try await laptop.addProfile("8941000000000000001")
                    while try await watch.profiles().isEmpty { try await right.events.received() }
                }
            }
        }
        #expect(try await watch.profiles() == ["8941000000000000001"])
    }

    @Test("A peer that is started later is found")
    func lateComerIsFound() async throws {
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        let port = try SilentListener(isListening: false)
        try await serving(laptop, peers: [port.address]) { dialing in
            let reason = try await dialing.events.failure()
            #expect(reason.contains("nobody answers"))
            try await serving(phone, at: port.address) { served in
                try await served.events.synchronized()
                try await dialing.events.synchronized()
            }
            try await dialing.events.disconnected()
        }
        withExtendedLifetime(port) {}
        #expect(try await phone.summary() == laptop.summary())
    }

    @Test("One exchange says how much has passed, and ends")
    func oneExchange() async throws {
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        try await phone.addProfile("8941000000000000001")
        try await serving(phone) { served in
            let outcome = try await SyncService(replica: laptop).sync(with: served.address)
            #expect(outcome.peer == phone.device)
            #expect(outcome.cellsReceived > 0 && outcome.bytesSent > 0 && outcome.bytesReceived > 0)
            #expect(outcome.digest == (try await laptop.summary().digest))
            try await served.events.disconnected()
        }
        #expect(try await phone.summary() == laptop.summary())
    }

    @Test("The status names the peers and counts what passed")
    func status() async throws {
        let phone = try await fleet.replica("phone")
        let laptop = try await fleet.replica("laptop")
        try await serving(phone) { served in
            try await serving(laptop, peers: [served.address]) { dialing in
                try await dialing.events.synchronized()
                try await served.events.synchronized()
                let status = dialing.service.status()
                #expect(status.listening == dialing.address)
                #expect(status.sessions == 1)
                #expect(status.connections.map(\.device) == [phone.device])
                #expect(status.connections.map(\.state) == [.connected])
                #expect(status.connections.first?.lastSync != nil)
                #expect(status.bytesSent > 0 && status.messagesReceived > 0)
                #expect(served.service.status().connections.map(\.device) == [laptop.device])
            }
        }
    }
}
