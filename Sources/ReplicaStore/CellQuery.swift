/// The statements of the `cell` table.
enum CellQuery: Int, CaseIterable {
    case atKey, atPlace, ofCollection, ofRow, inLane, all, allBackwards
    case byWriter, countByWriter, countInLane
    case ofFormerLives, ofRowLimited, firstRow, live, atDot
    case upsert, upsertSeveral, setLive, remove

    var sql: String { Self.texts[rawValue] }

    /// Put together once: every transaction asks for them again.
    private static let texts = allCases.map(\.text)

    private var text: String {
        switch self {
        case .atKey: "SELECT \(Self.content) FROM cell WHERE \(Self.place) AND owner = ?6"
        case .atPlace: Self.select(where: Self.place)
        case .ofCollection: Self.select(where: "lane = ? AND collection = ?")
        case .ofRow: Self.select(where: "lane = ? AND collection = ? AND row = ?")
        case .ofFormerLives:
            // Field 0, the row itself, is of every life.
            Self.select(
                where: "lane = ? AND collection = ? AND row = ? AND field > 0 "
                    + "AND causal_length < ?")
        case .ofRowLimited:
            Self.select(where: "lane = ? AND collection = ? AND row = ?") + " LIMIT ?"
        case .firstRow:
            "SELECT collection, row FROM cell WHERE lane = ? AND (collection, row) >= (?, ?) "
                + "ORDER BY lane, collection, row LIMIT 1"
        case .inLane: Self.select(where: "lane = ?")
        case .all: Self.select(where: "true")
        case .live: Self.select(where: "live = 1")
        case .atDot: Self.select(where: "lane = ? AND writer = ? AND sequence = ?")
        case .allBackwards:
            "SELECT \(Self.columns) FROM cell ORDER BY "
                + Self.keyColumns.map { $0 + " DESC" }.joined(separator: ", ")
        case .byWriter: "SELECT \(Self.columns) FROM cell WHERE \(Self.range)"
        case .countByWriter: "SELECT count(*) FROM cell WHERE \(Self.range)"
        case .countInLane: "SELECT count(*) FROM cell WHERE lane = ?"
        case .upsert: Self.upsert(rows: 1)
        case .upsertSeveral: Self.upsert(rows: Self.upsertedTogether)
        case .setLive: "UPDATE cell SET live = ?7 WHERE \(Self.place) AND owner = ?6"
        case .remove: "DELETE FROM cell WHERE \(Self.place) AND owner = ?6"
        }
    }

    private static let keyColumns = ["lane", "collection", "row", "field", "item", "owner"]

    /// What stands beside the key.
    private static let content =
        "kind, writer, sequence, epoch, ticks, causal_length, context, type, value"

    private static let columns = keyColumns.joined(separator: ", ") + ", " + content

    private static let place =
        "lane = ?1 AND collection = ?2 AND row = ?3 AND field = ?4 AND item = ?5"

    private static let range = "lane = ? AND writer = ? AND sequence > ? AND sequence <= ?"

    /// Ascending by key, which is the order of the table.
    private static func select(where condition: String) -> String {
        "SELECT \(columns) FROM cell WHERE \(condition) ORDER BY "
            + keyColumns.joined(separator: ", ")
    }

    /// How many cells ``upsertSeveral`` writes: with more of them SQLite takes as long for a row.
    static let upsertedTogether = 8

    private static func upsert(rows: Int) -> String {
        let values = [String](repeating: "?", count: Int(CellInsertion.parameters))
        let row = "(\(values.joined(separator: ", ")))"
        return """
            INSERT INTO cell (\(columns), live, digest)
            VALUES \([String](repeating: row, count: rows).joined(separator: ", "))
            ON CONFLICT (lane, collection, row, field, item, owner) DO UPDATE SET
              kind = excluded.kind, writer = excluded.writer, sequence = excluded.sequence,
              epoch = excluded.epoch, ticks = excluded.ticks,
              causal_length = excluded.causal_length, context = excluded.context,
              type = excluded.type, value = excluded.value, live = excluded.live,
              digest = excluded.digest
            """
    }
}
