import Caravan

/// What travellers note of their trips: the app's own collection.
enum Trips: RowCollection {
    static let id: CollectionID = 1024
    static let name = "trips"
    static let rows = UniqueRows()

    /// The later edit wins.
    static let title = Field<Trips, LastWriter<String>>(1, "title")
    /// Everybody adds and removes.
    static let stops = Field<Trips, AddWinsSet<String>>(2, "stops")
    /// Everybody counts what they have driven.
    static let kilometres = Field<Trips, Counter>(3, "kilometres")
    /// Worth asking about when two have written it at once.
    static let meetingPoint = Field<Trips, MultiValue<String>>(4, "meeting_point")

    static let fields: [any FieldOf<Trips>] = [title, stops, kilometres, meetingPoint]
}

/// A trip as it is shown.
struct Trip: Hashable, Sendable, CustomStringConvertible {
    let title: String
    let stops: [String]
    let kilometres: UInt64
    let meetingPoints: [String]

    init(_ row: RowContent<Trips>) {
        title = row[Trips.title] ?? "untitled"
        stops = row[Trips.stops].sorted()
        kilometres = row[Trips.kilometres]
        meetingPoints = row[Trips.meetingPoint].all.sorted()
    }

    var description: String {
        "\(title): \(stops.joined(separator: ", ")); \(kilometres) km; "
            + "meet at \(meetingPoints.joined(separator: " or "))"
    }
}

extension Query where Cells == StoreSnapshot, Value == [Trip] {
    /// All trips.
    static var trips: Self {
        Self("trips") { try $0.cells.rows(of: Trips.self).map(Trip.init) }
    }
}
