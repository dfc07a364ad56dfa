import Simulator
import Testing

@Suite("Published experiments")
struct PaperTests {
    @Test("what a node adds reaches every other node, at the least once")
    func deliveries() throws {
        let sets = PublishedDelivery.all.filter { $0.experiment.work == .set }
        let titles = ["GSet tree, pushed", "GSet tree, every 1 s", "GSet mesh, every 1 s"]
        for published in sets where titles.contains(published.experiment.title) {
            let delivery = try PaperSheet.delivery(published, seed: 1)
            #expect(delivery.floor == 21_000)
            #expect(delivery.elements == delivery.floor)
        }
    }

    @Test("four devices that meet at random hear of everything within a few rounds")
    func gossip() throws {
        let gossip = try PaperSheet.gossip(PublishedGossip.all[0], seed: 1)
        #expect(gossip.trials == 100)
        #expect((1.0...3.0).contains(gossip.mean))
        #expect(gossip.most <= 8)
    }

    @Test("the topologies are connected both ways")
    func topologies() {
        for published in PublishedDelivery.all where published.experiment.work == .counter {
            let trace = published.experiment.trace(seed: 1)
            #expect(trace.devices == 15)
            #expect(trace == published.experiment.trace(seed: 1))
        }
    }
}
