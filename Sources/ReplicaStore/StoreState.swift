import CausalTime
import ReplicaModel

/// What the store knows without asking the database; equal to what is durable between transactions.
struct StoreState: Sendable {
    let fleet: FleetID
    let device: DeviceID
    /// The nonce of the current writer; nothing before the first write, and after an opening
    /// without proof of continuity.
    var nonce: UInt64? { didSet { writer = Self.writer(of: device, nonce) } }
    /// Writes under that nonce, in all lanes.
    var written: UInt64
    var clock: HybridClock
    var vectors = LaneVectors()
    var frontier = LaneVectors()
    var digests = LaneDigests()
    /// What the tables say of it; less than there is if cells carry the rest.
    var tabled = Tabled()
    var writers = WriterNames()

    /// How far the tables `vector` and `replica` go.
    struct Tabled: Sendable {
        var vectors = LaneVectors()
        var clock = HybridTimestamp.zero
    }

    /// The writer that the nonce makes of the device.
    private(set) var writer: WriterID?

    init(
        fleet: FleetID, device: DeviceID, nonce: UInt64?, written: UInt64, clock: HybridClock
    ) {
        self.fleet = fleet
        self.device = device
        self.nonce = nonce
        self.written = written
        self.clock = clock
        writer = Self.writer(of: device, nonce)
    }

    private static func writer(of device: DeviceID, _ nonce: UInt64?) -> WriterID? {
        nonce.map { WriterID(device: device, nonce: $0) }
    }

    var summary: ReplicaSummary {
        ReplicaSummary(
            vectors: vectors, frontier: frontier,
            digest: Lane.all.reduce(Digest()) { $0 + digests[$1] },
            clock: clock.latest)
    }
}

/// The digest of each lane; of an unknown one that of nothing, and setting that does nothing.
struct LaneDigests: Sendable {
    private var digests = [Digest](repeating: Digest(), count: Lane.all.count)

    subscript(lane: Lane) -> Digest {
        get {
            let index = Int(lane.rawValue)
            return index < digests.count ? digests[index] : Digest()
        }
        set {
            let index = Int(lane.rawValue)
            if index < digests.count { digests[index] = newValue }
        }
    }
}

/// The short local names of writers, as they stand in the tables.
struct WriterNames: Sendable {
    private(set) var numbers: [WriterID: Int64] = [:]
    private var writers: [WriterID] = []
    /// The one that was asked for last: most of what arrives together is of one writer.
    private var latest: (writer: WriterID, number: Int64)?

    /// The writer of a number, which starts at 1.
    subscript(number: Int64) -> WriterID? {
        number >= 1 && number <= Int64(writers.count) ? writers[Int(number) - 1] : nil
    }

    /// The number under which the owner of a key stands, 0 if it has none; nothing if the owner has
    /// no name here, so that there can be no such cell.
    func owner(of key: CellKey) -> Int64? {
        guard let owner = key.owner else { return 0 }
        return numbers[owner]
    }

    /// The sequences of a vector by local number; 0 at those that it does not name.
    func sequences(of vector: VersionVector) -> [UInt64] {
        var sequences = [UInt64](repeating: 0, count: writers.count + 1)
        for entry in vector.entries {
            if let number = numbers[entry.writer] { sequences[Int(number)] = entry.sequence }
        }
        return sequences
    }

    /// A vector in local numbers: pairs of number and sequence; nothing if a writer has no number.
    func bytes(of vector: VersionVector) -> [UInt8]? {
        var out = ByteWriter()
        for entry in vector.entries {
            guard let number = numbers[entry.writer] else { return nil }
            out.varint(UInt64(number))
            out.varint(entry.sequence)
        }
        return out.bytes
    }

    /// Reads a vector in local numbers; nothing if it is not one.
    func context(_ bytes: [UInt8]) -> VersionVector? {
        guard !bytes.isEmpty else { return VersionVector() }
        var pairs: [(WriterID, UInt64)] = []
        var reader = ByteReader(bytes)
        do {
            while reader.remaining > 0 {
                guard let writer = self[Int64(clamping: try reader.varint())] else { return nil }
                pairs.append((writer, try reader.varint()))
            }
        } catch {
            return nil
        }
        return VersionVector(pairs)
    }

    /// Names a writer and says whether the name is new and has to be stored.
    mutating func number(of writer: WriterID) -> (number: Int64, isNew: Bool) {
        if let latest, latest.writer == writer { return (latest.number, false) }
        let known = numbers[writer]
        let number = known ?? Int64(writers.count) + 1
        if known == nil {
            writers.append(writer)
            numbers[writer] = number
        }
        latest = (writer, number)
        return (number, known == nil)
    }
}
