/// Keeps a bounded number of things of any number: evenly spread over all that came.
struct BoundedLog<Element> {
    private(set) var elements: [Element] = []
    private(set) var total = 0
    private let countMax: Int
    private var stride = 1

    init(countMax: Int) { self.countMax = max(2, countMax) }

    /// Takes something in, or leaves it out.
    mutating func append(_ element: Element) {
        defer { total += 1 }
        guard total.isMultiple(of: stride) else { return }
        if elements.count == countMax {
            elements = elements.indices.filter { $0.isMultiple(of: 2) }.map { elements[$0] }
            stride *= 2
            guard total.isMultiple(of: stride) else { return }
        }
        elements.append(element)
    }

    /// What has to be said about what was left out.
    func omission(_ what: String) -> ReportDocument.Omission? {
        guard elements.count < total else { return nil }
        return ReportDocument.Omission(what: what, shown: elements.count, of: total)
    }
}

/// Bytes on their way, of which those are one entry that one device sent to another within a
/// window: the window grows with the number of entries, so nothing is lost but detail.
struct TransferLog {
    private struct Pair: Hashable {
        let from: Int
        let to: Int
    }

    private(set) var transfers: [ReportDocument.Transfer] = []
    /// How long after the first send of an entry further ones join it, in milliseconds.
    private(set) var window = 0
    private(set) var total = 0
    /// Of so many entries one is kept, once pairs of devices alone are too many.
    private var dropped = 0
    private var latest: [Pair: Int] = [:]
    private let countMax: Int
    private let windowMax: Int

    /// - Parameters:
    ///   - countMax: The most entries.
    ///   - windowMax: A window beyond which growing it is of no use: how long the run is.
    init(countMax: Int, windowMax: Int) {
        self.countMax = max(1, countMax)
        self.windowMax = windowMax
    }

    mutating func append(_ transfer: ReportDocument.Transfer) {
        total += 1
        add(transfer)
        while transfers.count > countMax {
            guard window < windowMax else {
                transfers.removeLast()
                latest[Pair(from: transfer.from, to: transfer.to)] = nil
                dropped += 1
                return
            }
            window = max(2 * window, windowMax / 8192 + 1)
            let all = transfers
            transfers = []
            latest = [:]
            for one in all { add(one) }
        }
    }

    private mutating func add(_ transfer: ReportDocument.Transfer) {
        let pair = Pair(from: transfer.from, to: transfer.to)
        guard let place = latest[pair], transfer.sent - transfers[place].sent <= window else {
            latest[pair] = transfers.count
            transfers.append(transfer)
            return
        }
        transfers[place].arrived = max(transfers[place].arrived, transfer.arrived)
        transfers[place].bytes += transfer.bytes
        transfers[place].count += transfer.count
        transfers[place].isSpoiled = transfers[place].isSpoiled || transfer.isSpoiled
    }

    var omission: ReportDocument.Omission? {
        // Sends of one moment are one arrow in any case.
        guard window > 0 || dropped > 0 else { return nil }
        let what =
            dropped > 0
            ? "arrows (too many pairs of devices for all of them)"
            : "sends: those of one direction within \(window) ms are one arrow"
        return ReportDocument.Omission(what: what, shown: transfers.count, of: total)
    }
}
