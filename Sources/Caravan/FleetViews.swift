import ReplicaStore

/// Views that bring several collections of the travel domain together, or say more of one than its
/// description does.
///
/// They follow the same rules as `RightsMatrix`.
enum FleetViews {
    static let all = [
        StoreView(
            "writers",
            as: """
                SELECT lower(hex(c.row)) AS writer, lower(hex(substr(c.value, 1, 16))) AS device,
                  w.id AS number
                FROM cell AS c JOIN writer AS w ON w.writer = c.row
                WHERE c.lane = 0 AND c.collection = 1
                """),
        transfers, closings, holdings, allocations,
    ]

    /// What each device receives of each grant; the end of its lease in milliseconds since 1970.
    private static let transfers = StoreView(
        "transfers",
        as: """
            SELECT \(grant("r.row")) AS grant_id, \(device("r.row")) AS receiver,
              (SELECT coalesce(sum(value), 0) \(receipt) AND field = 1) AS bytes,
              (SELECT (\(varint("cell.value"))) \(receipt) AND field = 2) AS lease_until,
              (SELECT value \(receipt) AND field = 3) AS top_up_below,
              (SELECT value \(receipt) AND field = 4) AS wanted
            FROM (SELECT DISTINCT row FROM cell WHERE lane = 0 AND collection = 10) AS r
            """)

    /// The parts of grants that their own devices have closed.
    private static let closings = StoreView(
        "closings",
        as: """
            SELECT g.grant_id, w.device, max(c.value) AS outflow
            FROM cell AS c JOIN writers AS w ON w.number = c.writer
            JOIN grants AS g ON g.grant_id = \(grant("c.row"))
            WHERE c.lane = 0 AND c.collection = 13 AND c.field = 1
              AND \(device("c.row")) = w.device AND g.minter <> w.device
            GROUP BY g.grant_id, w.device
            """)

    /// Each device's part of each grant: what it received, the bytes of the grant included that
    /// were minted to it, and what became of them.
    private static let holdings = StoreView(
        "holdings",
        as: """
            SELECT f.grant_id, f.device, f.received, f.handed_on, f.reserved,
              c.device IS NOT NULL AS closed,
              CASE WHEN c.device IS NULL THEN 0
                ELSE max(0, f.received - max(f.handed_on + f.reserved, c.outflow))
                END AS returned
            FROM (SELECT grant_id, device, sum(received) AS received,
                sum(handed_on) AS handed_on, sum(reserved) AS reserved
              FROM (SELECT grant_id, minter AS device, bytes AS received, 0 AS handed_on,
                  0 AS reserved FROM grants
                UNION ALL
                SELECT grant_id, receiver, bytes, 0, 0 FROM transfers WHERE bytes > 0
                UNION ALL
                SELECT \(grant("c.row")), w.device, 0, c.value, 0
                  FROM cell AS c JOIN writers AS w ON w.number = c.writer
                  WHERE c.lane = 0 AND c.collection = 10 AND c.field = 1
                UNION ALL
                SELECT \(grant("c.row")), w.device, 0, 0, c.value
                  FROM cell AS c JOIN writers AS w ON w.number = c.writer
                  WHERE c.lane = 0 AND c.collection = 11 AND c.field = 1)
              WHERE grant_id IN (SELECT grant_id FROM grants)
              GROUP BY grant_id, device) AS f
            LEFT JOIN closings AS c ON c.grant_id = f.grant_id AND c.device = f.device
            """)

    /// Each member's part of the pool; what closed devices gave back is its minter's.
    private static let allocations = StoreView(
        "allocations",
        as: """
            SELECT m.device, m.name,
              coalesce((SELECT sum(received - handed_on - returned) FROM holdings
                  WHERE device = m.device), 0)
              + coalesce((SELECT sum(h.returned)
                  FROM holdings AS h JOIN grants AS g ON g.grant_id = h.grant_id
                  WHERE g.minter = m.device), 0) AS granted,
              coalesce((SELECT sum(reserved) FROM holdings WHERE device = m.device), 0)
                AS reserved,
              coalesce((SELECT sum(received + sent) FROM usage
                  WHERE device = m.device AND period = coalesce(
                    (SELECT period FROM plan), '1')), 0) AS used
            FROM members AS m
            """)

    private static let receipt = "FROM cell WHERE lane = 0 AND collection = 10 AND row = r.row"

    /// The grant in the key of a row that begins with one.
    private static func grant(_ row: String) -> String { "lower(hex(substr(\(row), 1, 16)))" }

    /// The device that follows the grant.
    private static func device(_ row: String) -> String { "lower(hex(substr(\(row), 17)))" }

    /// The varint at the start of a blob of the table `cell`, as a statement of one value.
    private static func varint(_ blob: String) -> String {
        let next = byte(of: blob, at: "place + 1")
        return """
            WITH RECURSIVE part(place, byte, sum) AS (
              SELECT 1, \(byte(of: blob, at: "1")), \(byte(of: blob, at: "1")) & 127
              UNION ALL
              SELECT place + 1, \(next), sum | ((\(next) & 127) << (7 * place))
                FROM part WHERE byte >= 128 AND place < 10)
            SELECT sum FROM part ORDER BY place DESC LIMIT 1
            """
    }

    /// One byte as a number; SQLite has no function for it.
    private static func byte(of blob: String, at place: String) -> String {
        func digit(_ index: Int) -> String {
            "(instr('0123456789ABCDEF', substr(hex(substr(\(blob), \(place), 1)), \(index), 1))"
                + " - 1)"
        }
        return "(16 * \(digit(1)) + \(digit(2)))"
    }
}
