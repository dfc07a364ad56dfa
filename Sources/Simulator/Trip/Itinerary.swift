import Foundation

/// A journey in legs, with the borders on the way.
package struct Itinerary: Sendable, Equatable {
    /// The name that scenario files use.
    package let id: String
    /// At least one, each beginning no earlier than the one before it ends.
    package let legs: [Leg]

    /// One ride from one place to another.
    package struct Leg: Sendable, Equatable {
        /// Where it begins.
        package let from: Place
        /// Where it ends.
        package let to: Place
        /// When it begins, since the start of the scenario.
        package let depart: Duration
        /// When it ends; later than `depart`.
        package let arrive: Duration
        /// What happens to the signal on the way; `nil` within one country.
        package let border: Border?
    }

    /// One end of a leg.
    package struct Place: Sendable, Equatable {
        /// The name of the stop.
        package let name: String
        /// Two letters of ISO 3166.
        package let country: String
        /// The networks to be had, as country and network code in one; at least one.
        package let plmns: [String]
    }

    /// How the networks of one country end and those of the next begin.
    package enum Border: Sendable, Equatable {
        /// A line on the ground. Within `overlap`, half of it on each side, both countries are
        /// heard; with `flaps`, devices lose their signal several times there.
        case line(at: Duration, overlap: Duration, flaps: Bool)
        /// A stretch without any network, such as a tunnel.
        case tunnel(at: Duration, length: Duration)
        /// A flight: radio off from one time until another.
        case flight(from: Duration, until: Duration)

        /// From when on a traveller counts as being in the next country.
        package var crossed: Duration {
            switch self {
            case .line(let at, _, _), .tunnel(let at, _): at
            case .flight(_, let until): until
            }
        }
    }

    /// When the last leg ends.
    package var end: Duration { legs.last?.arrive ?? .zero }
}

extension Itinerary {
    /// Reads all itineraries of a file such as `Simulations/data/itineraries.json`.
    ///
    /// - Throws: `ValueError` that names the file for one that cannot be read or makes no sense.
    package static func loadAll(path: String) throws(ValueError) -> [Itinerary] {
        let file: ItineraryFile
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            file = try JSONDecoder().decode(ItineraryFile.self, from: data)
        } catch let error as DecodingError {
            throw ValueError("\(path): not a list of itineraries: \(error.oneLine)")
        } catch {
            throw ValueError("\(path): cannot be read")
        }
        var itineraries: [Itinerary] = []
        for entry in file.itineraries {
            do {
                itineraries.append(try entry.checked())
            } catch {
                throw ValueError("\(path): itinerary '\(entry.id)': \(error.reason)")
            }
        }
        return itineraries
    }

    /// Reads the itinerary with this id.
    ///
    /// - Throws: `ValueError` as `loadAll` does, and for an unknown id, with the known ones.
    package static func load(id: String, path: String) throws(ValueError) -> Itinerary {
        let all = try loadAll(path: path)
        if let found = all.first(where: { $0.id == id }) { return found }
        let ids = all.map(\.id)
        throw ValueError("unknown itinerary '\(id)'\(Spelling.hint(for: id, among: ids))")
    }
}

extension DecodingError {
    /// What the decoder missed and where, without its description of Swift types.
    fileprivate var oneLine: String {
        switch self {
        case .keyNotFound(let key, let context):
            "no '\(key.stringValue)' in \(DecodingError.place(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            "wrong value at \(DecodingError.place(context))"
        @unknown default: "wrong value"
        }
    }

    private static func place(_ context: Context) -> String {
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? "the top" : path
    }
}
