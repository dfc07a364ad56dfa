extension Schema {
    /// Checks that this schema can take the place of a former one, on devices that hold data of it
    /// or meet others that still use it.
    ///
    /// Names may change, collections and fields may be added or left out. What is stored and sent
    /// under a number may not: the lane of a collection, how its rows come to be, what their keys
    /// consist of, and the type of a field. A number that was left out is not to be used again;
    /// where it is, only a check against the schema that had it can tell.
    ///
    /// ```swift
    /// @Test func schemaGoesOn() throws { try Schema.mine.check(continues: .mineOfVersion1) }
    /// ```
    ///
    /// - Parameter former: An earlier schema of the same app, any number of versions ago.
    /// - Throws: ``SchemaError`` with the code `invalidSchema`, naming the collection or field.
    public func check(continues former: Schema) throws(SchemaError) {
        for old in former.collections {
            guard let new = self[old.id] else { continue }
            guard new.lane == old.lane else {
                throw Self.changed(
                    "'\(new.name)' (number \(new.id.rawValue))", "in lane \(old.lane)",
                    "in lane \(new.lane)")
            }
            guard new.rows.existence == old.rows.existence else {
                throw Self.changed(
                    "the rows of '\(new.name)'", old.rows.existence.rawValue,
                    new.rows.existence.rawValue)
            }
            guard new.rows.key.map(\.form) == old.rows.key.map(\.form) else {
                throw Self.changed(
                    "the key of '\(new.name)'", Self.text(of: old.rows.key),
                    Self.text(of: new.rows.key))
            }
            for field in old.fields {
                guard let successor = new[field.number] else { continue }
                guard successor.form == field.form else {
                    throw Self.changed(
                        "field \(field.number.rawValue) '\(successor.name)' of '\(new.name)'",
                        "\(field.type) '\(field.name)'", successor.type)
                }
            }
        }
    }

    private static func changed(_ what: String, _ old: String, _ new: String) -> SchemaError {
        SchemaError(
            .invalidSchema,
            "\(what) was \(old) and is \(new) now: use another number, the old one keeps its data")
    }

    private static func text(of key: [KeyColumn]) -> String {
        "(" + key.map { "\($0.name): \($0.type.rawValue)" }.joined(separator: ", ") + ")"
    }
}

extension KeyColumn {
    /// What is stored and sent of a column; the name is not.
    fileprivate var form: KeyColumn { KeyColumn("", type, coding: coding) }
}

extension FieldDescription {
    /// What is stored and sent of a field; names are not.
    fileprivate var form: FieldDescription {
        FieldDescription(number, "", type: "", kind: kind, item: item, content: content)
    }
}
