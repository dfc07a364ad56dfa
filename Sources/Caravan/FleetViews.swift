import ReplicaStore

/// Views that bring several collections of the travel domain together.
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
        StoreView(
            "allocations",
            as: """
                SELECT m.device, m.name,
                  coalesce((SELECT sum(bytes) FROM grants WHERE minter = m.device), 0)
                  + coalesce((SELECT sum(bytes) FROM transfers WHERE receiver = m.device), 0)
                  - coalesce((SELECT sum(c.value) FROM cell AS c
                      JOIN writers AS w ON w.number = c.writer
                      WHERE c.lane = 0 AND c.collection = 10 AND w.device = m.device), 0)
                    AS granted,
                  coalesce((SELECT sum(c.value) FROM cell AS c
                      JOIN writers AS w ON w.number = c.writer
                      WHERE c.lane = 0 AND c.collection = 11 AND w.device = m.device), 0)
                    AS reserved,
                  coalesce((SELECT sum(received + sent) FROM usage
                      WHERE device = m.device AND period = coalesce(
                        (SELECT period FROM plan), '1')), 0) AS used
                FROM members AS m
                """),
    ]
}
