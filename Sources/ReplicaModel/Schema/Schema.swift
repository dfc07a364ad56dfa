/// The collections that an app and its domain have declared.
///
/// ```swift
/// let schema = try Schema.fleet.adding(Trips.self)
/// ```
///
/// A replica stores and passes on what a schema does not know. The schema gives names to what it
/// does know: for views, reports and checks.
public struct Schema: Hashable, Sendable {
    /// The collections, ascending by number.
    public let collections: [CollectionDescription]

    /// Checks and gathers collections.
    ///
    /// - Throws: ``SchemaError`` with the code `invalidSchema`, naming what contradicts what.
    public init(_ collections: [CollectionDescription]) throws(SchemaError) {
        self.collections = collections.sorted { $0.id < $1.id }
        var names: Set<String> = []
        for (collection, next) in zip(self.collections, self.collections.dropFirst())
        where collection.id == next.id {
            throw Self.invalid(
                "'\(collection.name)' and '\(next.name)' have the number \(next.id.rawValue)")
        }
        for collection in self.collections {
            try Self.check(collection)
            guard names.insert(collection.name).inserted else {
                throw Self.invalid("two collections are called '\(collection.name)'")
            }
        }
    }

    /// The schema with a declared collection more.
    ///
    /// - Throws: ``SchemaError`` with the code `invalidSchema`.
    public func adding<C: RowCollection>(_ collection: C.Type) throws(SchemaError) -> Schema {
        guard C.id >= .firstOfApp else {
            throw Self.invalid(
                "'\(C.name)' has the number \(C.id.rawValue); apps number theirs from "
                    + "\(CollectionID.firstOfApp.rawValue) on")
        }
        return try Schema(collections + [CollectionDescription(C.self)])
    }

    /// The collection of a number.
    public subscript(id: CollectionID) -> CollectionDescription? {
        collections.first { $0.id == id }
    }

    private static func check(_ collection: CollectionDescription) throws(SchemaError) {
        guard Lane.all.contains(collection.lane) else {
            throw invalid("'\(collection.name)' is in \(collection.lane), which there is not")
        }
        var names: Set<String> = []
        var numbers: Set<FieldID> = [.row]
        for name in [collection.name] + collection.rows.key.map(\.name)
            + collection.fields.map(\.name)
        {
            guard isIdentifier(name) else {
                throw invalid(
                    "'\(name)' in '\(collection.name)' is no name: letters, digits and "
                        + "underscores, a letter first")
            }
        }
        for name in collection.rows.key.map(\.name) + collection.fields.map(\.name) {
            guard names.insert(name).inserted else {
                throw invalid("'\(collection.name)' has two columns '\(name)'")
            }
        }
        for field in collection.fields {
            guard numbers.insert(field.number).inserted else {
                throw invalid(
                    "field '\(field.name)' of '\(collection.name)' has the number "
                        + "\(field.number.rawValue), which is taken; 0 is the row itself")
            }
        }
    }

    private static func isIdentifier(_ name: String) -> Bool {
        guard let first = name.utf8.first else { return false }
        return isLetter(first) && name.utf8.count <= 64
            && name.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || $0 == 95 }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func invalid(_ reason: String) -> SchemaError {
        SchemaError(.invalidSchema, reason)
    }
}
