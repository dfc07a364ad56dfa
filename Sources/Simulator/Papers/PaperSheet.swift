import Foundation
import TerminalText

/// Published experiments, rerun: what is delivered, beside what others have published.
package struct PaperSheet: Codable, Sendable {
    /// How many elements cross for each that has to.
    package var deliveries: [Delivery] = []
    /// How many rounds of random meetings it takes until all have heard something.
    package var gossip: [Gossip] = []

    /// One experiment of Enes et al.
    package struct Delivery: Codable, Sendable {
        package let experiment: String
        /// Elements delivered to a node that lacked them, once each.
        package let floor: Int
        /// Elements that were delivered.
        package let elements: Int
        /// The same as a multiple of the floor.
        package let ratio: Double
        /// What our ratio may be.
        package let target: Double?
        /// The ratio of the paper's best algorithm, BP+RR; nothing where it was not measured.
        package let published: Double?
        /// Bytes as framed for TCP.
        package let bytesFramed: UInt64
        /// The same, of BP+RR, as far as it was published.
        package let publishedMegabytes: Double?
    }

    /// Rounds in which every device meets a random other.
    package struct Gossip: Codable, Sendable {
        package let devices: Int
        package let trials: Int
        package let mean: Double
        package let most: Int
        /// Simulated push-pull in synchronous rounds.
        package let publishedMean: Double
        package let publishedMost: Int
    }

    /// Runs everything; some minutes.
    ///
    /// - Throws: Whatever a replay throws, and `CostSheet.Failure` if replicas did not end equal.
    package static func measure(seed: UInt64 = 0) throws -> PaperSheet {
        var sheet = PaperSheet()
        for published in PublishedDelivery.all {
            sheet.deliveries.append(try delivery(published, seed: seed))
        }
        for published in PublishedGossip.all {
            sheet.gossip.append(try gossip(published, seed: seed))
        }
        return sheet
    }

    package static func delivery(
        _ published: PublishedDelivery, seed: UInt64
    ) throws -> Delivery {
        let experiment = published.experiment
        var options = ReplayOptions()
        options.latency = .milliseconds(10)
        let trace = experiment.trace(seed: seed)
        let report = try Replay(trace, options: options).run()
        guard report.passed, let measure = report.measures.first else {
            throw CostSheet.Failure(description: "\(trace.name): \(report.text())")
        }
        return Delivery(
            experiment: experiment.title, floor: experiment.floor, elements: Int(measure.cells),
            ratio: Double(measure.cells) / Double(experiment.floor), target: published.target,
            published: published.elements.map { Double($0) / Double(experiment.floor) },
            bytesFramed: measure.bytesFramed, publishedMegabytes: published.megabytes)
    }

    package static func gossip(_ published: PublishedGossip, seed: UInt64) throws -> Gossip {
        let rounds = try GossipRounds(devices: published.devices, seed: seed)
            .measure(trials: published.trials)
        return Gossip(
            devices: published.devices, trials: rounds.count,
            mean: Double(rounds.reduce(0, +)) / Double(max(1, rounds.count)),
            most: rounds.max() ?? 0, publishedMean: published.mean, publishedMost: published.most)
    }

    /// The sheet as one line of JSON.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The sheet as tables for people, without a line break at the end.
    package func text() -> String {
        var first = TextTable(
            ("experiment", .left), ("floor", .right), ("elements", .right), ("ratio", .right),
            ("target", .right), ("published", .right), ("bytes", .right), ("published MB", .right))
        for row in deliveries {
            first.add(
                row.experiment, "\(row.floor)", "\(row.elements)", Self.number(row.ratio),
                row.target.map(Self.number) ?? "", row.published.map(Self.number) ?? "",
                "\(row.bytesFramed)", row.publishedMegabytes.map(Self.number) ?? "")
        }
        var second = TextTable(
            ("devices", .right), ("trials", .right), ("mean", .right), ("most", .right),
            ("published mean", .right), ("published most", .right))
        for row in gossip {
            second.add(
                "\(row.devices)", "\(row.trials)", Self.number(row.mean), "\(row.most)",
                Self.number(row.publishedMean), "\(row.publishedMost)")
        }
        return "Elements delivered, beside BP+RR (Enes et al., ICDE 2019)\n\n\(first.text)\n\n"
            + "Rounds of random meetings until all have heard\n\n\(second.text)"
    }

    private static func number(_ value: Double) -> String {
        ReplayReport.number(value, digits: 2)
    }
}

extension PaperExperiment {
    /// What it is, in a few words.
    package var title: String {
        "\(work.title) \(topology.rawValue), " + (interval.map { "every \($0) s" } ?? "pushed")
    }
}
