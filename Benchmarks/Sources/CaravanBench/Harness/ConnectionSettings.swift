import Caravan

/// How the library's own connection is set, so that C's is set the same.
///
/// The page size, the schema and `auto_vacuum` are in the file, of which C uses a copy.
struct ConnectionSettings {
    /// What decides how durable a commit is, how much is cached and how often the log is folded.
    private static let names = [
        "synchronous", "cache_size", "mmap_size", "temp_store", "wal_autocheckpoint",
    ]

    let statements: String
    /// The settings and those of the file, for people.
    let description: String

    /// Asks the connection of an open replica.
    init(of replica: Replica) async throws {
        var statements: [String] = []
        var descriptions: [String] = []
        for name in ["journal_mode", "page_size", "auto_vacuum"] {
            descriptions.append("\(name)=\(try await Self.value(of: name, replica))")
        }
        for name in Self.names {
            let value = try await Self.value(of: name, replica)
            statements.append("PRAGMA \(name) = \(value);")
            descriptions.append("\(name)=\(value)")
        }
        self.statements = statements.joined(separator: " ")
        description = descriptions.joined(separator: " ")
    }

    /// The same, with as much cache as the library gives itself while it applies so many cells.
    func applying(cells: Int) -> ConnectionSettings {
        let kibibytes = cells * Self.cacheBytesPerCell / 1024
        return ConnectionSettings(
            statements: statements + " PRAGMA cache_size = -\(kibibytes);", description: description
        )
    }

    private static let cacheBytesPerCell = 384

    private init(statements: String, description: String) {
        self.statements = statements
        self.description = description
    }

    private static func value(of name: String, _ replica: Replica) async throws -> String {
        // SQLite does not count `PRAGMA journal_mode` among the statements that only read.
        let sql = name == "journal_mode" ? "SELECT * FROM pragma_\(name)" : "PRAGMA \(name)"
        return switch try await replica.query(sql).rows.first?.first {
        case .integer(let value): String(value)
        case .text(let value): value
        default: throw PlainTable.Failure(description: "the connection does not tell its \(name)")
        }
    }
}
