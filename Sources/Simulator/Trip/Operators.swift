import Foundation

/// A mobile network in one country.
package struct Operator: Hashable, Sendable {
    /// Mobile country code and network code in one, 5 or 6 digits, such as 26202.
    package let plmn: String
    /// Two letters of ISO 3166; `ZZ` where the table does not know the network.
    package let country: String
    /// The names it is sold under, the network's own among them; the code where there is none.
    package let name: String
}

/// Which mobile networks there are: code, country and names.
///
/// The table does not say which of several names is the network's own and which are resellers',
/// so all are given.
package struct Operators: Sendable, Equatable {
    private let byPLMN: [String: Operator]

    /// How many networks the table holds.
    package var count: Int { byPLMN.count }

    /// Returns the network with this code; one without country and name if the table has none.
    package func network(_ plmn: String) -> Operator {
        byPLMN[plmn] ?? Operator(plmn: plmn, country: "ZZ", name: plmn)
    }

    /// Reads a table of lines `mcc TAB mnc TAB country TAB names; names`.
    ///
    /// Lines that begin with `#` are comments.
    /// - Throws: `ValueError` that names the file and the line.
    package static func load(path: String) throws(ValueError) -> Operators {
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            throw ValueError("\(path): cannot be read")
        }
        return try Operators(table: text, file: path)
    }

    /// Reads the text of a table; `file` names it in errors.
    package init(table: String, file: String) throws(ValueError) {
        var networks: [String: Operator] = [:]
        let lines = table.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 4, fields[0].count == 3, (2...3).contains(fields[1].count) else {
                throw ValueError("\(file):\(index + 1): expected mcc, mnc, country and names")
            }
            let plmn = String(fields[0] + fields[1])
            let name = fields[3].split(separator: ";")
                .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "/")
            networks[plmn] = Operator(
                plmn: plmn, country: String(fields[2]), name: name.isEmpty ? plmn : name)
        }
        byPLMN = networks
    }
}
