import FleetModel

/// Every key that a scenario file may have, by the mapping that it stands in.
///
/// The reader takes its keys from here, and the published schema is compared with it, so that the
/// two cannot drift apart.
package enum ScenarioKeys {
    static let root = [
        "scenario", "title", "seed", "duration", "timescale", "settle", "trip", "devices", "pool",
        "profiles", "rights", "links", "usage", "timeline", "expect",
    ]
    static let trip = ["itinerary", "data"]
    static let device = ["class", "count", "share", "handover", "usage", "profile"]
    static let pool = ["grant", "from", "valid"]
    static let profile = ["iccid"] + ProfileField.names + ["by"]
    static let right = ["name", "holder"]
    static let quality = ["delay", "jitter", "bandwidth", "trace"]
    static let trace = ["forth", "back"]
    static let links = ["topology"] + quality + ["pairs"]
    static let pair = ["between"] + quality
    static let usage = ["every", "bytes", "country"]
    static let expect = [
        "converge-within", "bytes-at-most", "conflicts-at-least", "refusals", "values",
    ]
    static let value = [
        "device", "profile", "field", "record", "right", "pool", "members", "is", "at-least",
        "at-most",
    ]
    static let lease = ["for", "top-up-below"]
    static let link = ["between"]

    /// What a step may do, with the keys of those actions that take a mapping; links and processes
    /// first.
    static let actions: [(name: String, keys: [String])] = [
        ("cut", []), ("restore", []), ("split", []), ("silence", ["from", "to"]),
        ("heal", []), ("free", []),
        ("edit", ["device", "profile", "field", "value"]),
        ("add-profile", ["device", "iccid"] + ProfileField.names),
        ("remove-profile", ["device", "profile"]),
        ("use", ["device", "bytes", "country"]),
        ("reserve", ["device", "bytes"]),
        ("grant", ["device", "bytes", "valid"]),
        ("allocate", ["device", "shares", "lease"]),
        ("hand", ["device", "to", "bytes", "lease"]),
        ("request", ["device", "bytes"]),
        ("close-part", ["device"]),
        ("period", ["device", "name"]),
        ("retire", ["device", "other"]),
        ("write", ["device", "record", "value"]),
        ("offer", ["device", "right", "to"]),
        ("accept", ["device", "right"]),
        ("decline", ["device", "right"]),
        ("override", ["device", "right", "to", "term"]),
        ("crash", []), ("restart", []), ("pause", []), ("resume", []), ("power-cut", []),
        ("lose", []), ("join", []),
        ("disk", ["device", "state"]),
        ("clock", ["device", "ahead", "behind", "shows"]),
        ("visit", ["device", "by"]),
        ("expect", value),
        ("say", []),
    ]
    static let actionNames = actions.map(\.name)
    static let step = ["at"] + actionNames

    /// The keys of an action that takes a mapping; nothing for any other.
    static func keys(ofAction name: String) -> [String]? {
        actions.first { $0.name == name && !$0.keys.isEmpty }?.keys
    }

    /// Every mapping with its keys, named as the definitions of the schema are.
    package static var sections: [(name: String, keys: [String])] {
        [
            ("scenario", root), ("trip", trip), ("device", device), ("pool", pool),
            ("profile", profile), ("exclusive-right", right), ("links", links), ("pair", pair),
            ("trace", trace), ("usage", usage), ("expectations", expect), ("value", value),
            ("lease", lease), ("link", link), ("step", step),
        ] + actions.filter { !$0.keys.isEmpty && $0.name != "expect" }
    }
}
