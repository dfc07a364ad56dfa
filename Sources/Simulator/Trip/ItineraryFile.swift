/// The JSON form of itineraries: times in whole seconds since the start.
struct ItineraryFile: Decodable {
    let itineraries: [Entry]

    struct Entry: Decodable {
        let id: String
        let legs: [Leg]
    }

    /// One leg, with keys as in the file.
    ///
    /// A border has `border_s`, with `overlap_s` and `flap` or with `gap_s`;
    /// a flight has `offline_s`.
    struct Leg: Decodable {
        let from: String
        let to: String
        let depart: Int
        let arrive: Int
        let border: Int?
        let overlap: Int?
        let gap: Int?
        let offline: [Int]?
        let flap: Bool?
        let a: String
        let b: String
        let plmnA: [String]
        let plmnB: [String]

        enum CodingKeys: String, CodingKey {
            case from, to, flap, a, b
            case depart = "depart_s"
            case arrive = "arrive_s"
            case border = "border_s"
            case overlap = "overlap_s"
            case gap = "gap_s"
            case offline = "offline_s"
            case plmnA = "plmn_a"
            case plmnB = "plmn_b"
        }
    }
}

extension ItineraryFile.Entry {
    /// The itinerary, if its times are in order and its borders complete.
    func checked() throws(ValueError) -> Itinerary {
        guard !legs.isEmpty else { throw ValueError("has no legs") }
        var checkedLegs: [Itinerary.Leg] = []
        var last = 0
        for leg in legs {
            guard leg.depart >= last else { throw ValueError("a leg departs before it can") }
            guard leg.arrive > leg.depart, leg.arrive <= ItineraryFile.secondsMax else {
                throw ValueError("the leg to \(leg.to) must arrive after it departs, within a year")
            }
            guard !leg.plmnA.isEmpty, !leg.plmnB.isEmpty else {
                throw ValueError("the leg to \(leg.to) needs a network at each end")
            }
            checkedLegs.append(try leg.checked())
            last = leg.arrive
        }
        return Itinerary(id: id, legs: checkedLegs)
    }
}

extension ItineraryFile {
    static let secondsMax = 366 * 86_400
}

extension ItineraryFile.Leg {
    fileprivate func checked() throws(ValueError) -> Itinerary.Leg {
        Itinerary.Leg(
            from: Itinerary.Place(name: from, country: a, plmns: plmnA),
            to: Itinerary.Place(name: to, country: b, plmns: plmnB),
            depart: .seconds(depart), arrive: .seconds(arrive), border: try checkedBorder())
    }

    private func checkedBorder() throws(ValueError) -> Itinerary.Border? {
        if let offline {
            guard offline.count == 2, border == nil, gap == nil,
                depart <= offline[0], offline[0] < offline[1], offline[1] <= arrive
            else {
                throw ValueError("offline_s must be [from, until] within the leg, and the border")
            }
            return .flight(from: .seconds(offline[0]), until: .seconds(offline[1]))
        }
        guard let border else {
            guard a == b else { throw ValueError("no border_s or offline_s from \(a) to \(b)") }
            return nil
        }
        guard (depart...arrive).contains(border), (gap ?? 0) >= 0, (overlap ?? 0) >= 0,
            (gap ?? 0) <= arrive - border, (overlap ?? 0) <= ItineraryFile.secondsMax
        else {
            throw ValueError("border_s with gap_s must lie within the leg to \(to)")
        }
        if let gap, gap > 0 { return .tunnel(at: .seconds(border), length: .seconds(gap)) }
        return .line(
            at: .seconds(border), overlap: .seconds(overlap ?? 0), flaps: flap ?? false)
    }
}
