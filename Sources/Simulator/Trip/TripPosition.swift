/// Where the travellers are at one time.
package struct TripPosition: Sendable, Equatable {
    /// Index of the leg: the one under way, or the last one begun.
    package let leg: Int
    /// How much of the leg is done, 0 to 1.
    package let fraction: Double
    /// The country, two letters of ISO 3166.
    package let country: String
    /// For people: `Freiburg (Breisgau) Hbf → Basel SBB 63 % · DE`, at an end `Basel SBB · CH`.
    package let text: String
}

extension Itinerary {
    /// Returns where the travellers are at a time since the start.
    ///
    /// Within a leg they move evenly. The country changes at the border, after a flight where the
    /// radio is on again. Before the first leg and after the last they wait at its end.
    package func position(at time: Duration) -> TripPosition {
        let index = legs.lastIndex { $0.depart <= time } ?? 0
        let leg = legs[index]
        if time < leg.depart { return wait(at: leg.from, leg: index, fraction: 0) }
        if time >= leg.arrive { return wait(at: leg.to, leg: index, fraction: 1) }
        let isAcross = time >= (leg.border?.crossed ?? .zero)
        let country = isAcross ? leg.to.country : leg.from.country
        let fraction = (time - leg.depart) / (leg.arrive - leg.depart)
        let text = "\(leg.from.name) → \(leg.to.name) \(Int(fraction * 100)) % · \(country)"
        return TripPosition(leg: index, fraction: fraction, country: country, text: text)
    }

    private func wait(at place: Place, leg: Int, fraction: Double) -> TripPosition {
        let text = "\(place.name) · \(place.country)"
        return TripPosition(leg: leg, fraction: fraction, country: place.country, text: text)
    }
}
