public import ReplicaModel

extension Schema {
    /// The collections of the core and of the travel domain.
    ///
    /// An app adds its own with ``Schema/adding(_:)``.
    public static let fleet: Schema = {
        do { return try Schema(FleetSchema.descriptions) } catch {
            // The domain's own declaration; a test reads it.
            preconditionFailure("the travel domain contradicts itself: \(error)")
        }
    }()
}

extension FleetSchema {
    static var descriptions: [CollectionDescription] {
        [
            membership, members, grants, transfers, reservations, plan, closings, profiles, usage,
        ]
    }

    private static let device = KeyColumn("device", .identifier, coding: .rest)
    private static let grant = KeyColumn("grant_id", .identifier, coding: .rest)

    private static var membership: CollectionDescription {
        CollectionDescription(
            .membership, "membership", in: .control,
            rows: RowsDescription(.natural, key: [device]), fields: [])
    }

    private static var members: CollectionDescription {
        CollectionDescription(
            Members.collection, "members", in: .control,
            rows: RowsDescription(.natural, key: [device]),
            fields: [
                register(Members.name, "name", .text),
                register(Members.deviceClass, "class", .text),
            ])
    }

    private static var grants: CollectionDescription {
        CollectionDescription(
            Grants.collection, "grants", in: .control,
            rows: RowsDescription(.standing, key: [grant]),
            fields: [
                fact(Grants.bytes, "bytes", .integer), fact(Grants.minter, "minter", .identifier),
                fact(Grants.validFrom, "valid_from", .integer),
                fact(Grants.validUntil, "valid_until", .integer),
            ])
    }

    private static var transfers: CollectionDescription {
        CollectionDescription(
            Transfers.collection, "transfers", in: .control,
            rows: RowsDescription(
                .standing,
                key: [
                    KeyColumn("grant_id", .identifier, coding: .fixed(16)),
                    KeyColumn("receiver", .identifier, coding: .rest),
                ]),
            fields: [
                amount(Transfers.bytes, "bytes"),
                FieldDescription(
                    Transfers.leaseUntil, "lease_until", type: "Maximum<integer>",
                    kind: .maximum, content: .ranked(.integer)),
                register(Transfers.topUpBelow, "top_up_below", .integer),
                register(Transfers.wanted, "wanted", .integer),
            ])
    }

    private static var reservations: CollectionDescription {
        CollectionDescription(
            Reservations.collection, "reservations", in: .control,
            rows: RowsDescription(.standing, key: [grant]),
            fields: [amount(Reservations.bytes, "bytes")])
    }

    private static var plan: CollectionDescription {
        CollectionDescription(
            Plan.collection, "plan", in: .control, rows: RowsDescription(.standing, key: []),
            fields: [register(Plan.period, "period", .text)])
    }

    private static var closings: CollectionDescription {
        CollectionDescription(
            Closings.collection, "closings", in: .control,
            rows: RowsDescription(
                .standing,
                key: [KeyColumn("grant_id", .identifier, coding: .fixed(16)), device]),
            fields: [amount(Closings.outflow, "outflow")])
    }

    private static var profiles: CollectionDescription {
        CollectionDescription(
            Profiles.collection, "profiles", in: .settings,
            rows: RowsDescription(
                .natural, key: [KeyColumn("iccid", .text, coding: .rest)]),
            fields: ProfileField.allCases.map { field in
                register(
                    FieldID(rawValue: field.rawValue),
                    field == .homePLMN ? "home_plmn" : field.name,
                    field == .roaming ? .bool : .text)
            })
    }

    private static var usage: CollectionDescription {
        CollectionDescription(
            Usage.collection, "usage", in: .usage,
            rows: RowsDescription(
                .standing,
                key: [
                    KeyColumn("period", .text, coding: .counted),
                    KeyColumn("device", .identifier, coding: .fixed(16)),
                    KeyColumn("iccid", .text, coding: .counted),
                    KeyColumn("epoch", .integer, coding: .varint),
                    KeyColumn("country", .text, coding: .counted),
                ]),
            fields: [amount(Usage.received, "received"), amount(Usage.sent, "sent")])
    }

    private static func register(
        _ number: FieldID, _ name: String, _ type: ValueType
    ) -> FieldDescription {
        FieldDescription(
            number, name, type: "LastWriter<\(type.rawValue)>", kind: .register,
            content: .value(type))
    }

    private static func fact(
        _ number: FieldID, _ name: String, _ type: ValueType
    ) -> FieldDescription {
        FieldDescription(
            number, name, type: "Fact<\(type.rawValue)>", kind: .fact, content: .value(type))
    }

    private static func amount(_ number: FieldID, _ name: String) -> FieldDescription {
        FieldDescription(number, name, type: "Counter", kind: .counter, content: .amount)
    }
}
