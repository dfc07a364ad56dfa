/// An experiment with what its authors measured.
package struct PublishedDelivery: Sendable {
    package let experiment: PaperExperiment
    /// Elements that BP+RR delivered.
    let elements: Int?
    /// What BP+RR sent, in megabytes of Erlang's external terms.
    let megabytes: Double?
    /// What our ratio to the floor may be.
    let target: Double?

    /// Recomputed from the archive of the authors' runs.
    package static let all: [PublishedDelivery] = {
        let tree = [21_000, 21_000, 146_972, 440_890, 860_623, 1_395_645]
        let mesh = [68_919, 68_649, 482_454, 1_447_517, 2_824_027, 4_593_325]
        let treeBytes = [0.94, 0.70, 3.42]
        let meshBytes = [2.78, 2.12, 11.06]
        let kinds: [(PaperExperiment.Topology, [Int], [Double], Double)] = [
            (.tree, tree, treeBytes, 1.00), (.mesh, mesh, meshBytes, 1.10),
        ]
        var all: [PublishedDelivery] = []
        // First as in the paper, where neighbours synchronize once a second; then pushed at once.
        for interval in [1, nil] {
            for (topology, elements, bytes, target) in kinds {
                for (index, work) in PaperExperiment.Work.all.enumerated() {
                    all.append(
                        PublishedDelivery(
                            experiment: PaperExperiment(
                                topology: topology, work: work, interval: interval),
                            elements: elements[index],
                            megabytes: index < bytes.count ? bytes[index] : nil, target: target))
                }
            }
        }
        // What a state that is overwritten before it is exchanged saves.
        for topology in PaperExperiment.Topology.allCases {
            all.append(
                PublishedDelivery(
                    experiment: PaperExperiment(
                        topology: topology, work: PaperExperiment.Work.all[5], interval: 10),
                    elements: nil, megabytes: nil, target: 0.20))
        }
        return all
    }()
}

/// Rounds of push-pull gossip, simulated in synchronous rounds.
package struct PublishedGossip: Sendable {
    package let devices: Int
    let trials: Int
    let mean: Double
    let most: Int

    package static let all = [
        PublishedGossip(devices: 4, trials: 100, mean: 2.02, most: 4),
        PublishedGossip(devices: 15, trials: 50, mean: 4.05, most: 6),
        PublishedGossip(devices: 50, trials: 20, mean: 5.66, most: 7),
        PublishedGossip(devices: 200, trials: 5, mean: 7.35, most: 9),
    ]
}
