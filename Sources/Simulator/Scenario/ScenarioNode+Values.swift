import FleetModel

// One method for each kind of scalar. Each says what it expected where it finds something else.
extension ScenarioNode {
    /// Runs a reader of text and gives its complaint a place.
    private func reading<Value>(
        _ what: String, _ read: (String) throws(ValueError) -> Value
    ) throws(InputError) -> Value {
        let text = try text(what)
        do {
            return try read(text)
        } catch {
            throw mistake(error.reason)
        }
    }

    func duration() throws(InputError) -> Duration {
        try reading("a duration such as 90s or 1h30m", Duration.init(scenarioText:))
    }

    /// A duration above zero.
    func positiveDuration(_ what: String) throws(InputError) -> Duration {
        let duration = try duration()
        guard duration > .zero else { throw mistake("\(what) must be above zero") }
        return duration
    }

    func byteCount() throws(InputError) -> ByteCount {
        try reading("a byte count such as 20GB", ByteCount.init(scenarioText:))
    }

    /// A byte count above zero.
    func positiveByteCount(_ what: String) throws(InputError) -> ByteCount {
        let count = try byteCount()
        guard count > .zero else { throw mistake("\(what) must be at least 1 byte") }
        return count
    }

    /// Two byte counts `200kB..2MB`, the smaller first, or one for both.
    func byteRange() throws(InputError) -> ClosedRange<ByteCount> {
        try reading("a byte count such as 1MB or a range such as 200kB..2MB") {
            text throws(ValueError) in
            var bounds: [ByteCount] = []
            for part in text.split(separator: "..", maxSplits: 1) {
                bounds.append(try ByteCount(scenarioText: String(part.trimmed)))
            }
            guard let low = bounds.first, let high = bounds.last, low > .zero, low <= high else {
                throw ValueError("'\(text)' must go from at least 1 byte up to as much or more")
            }
            return low...high
        }
    }

    func share() throws(InputError) -> Share {
        try reading("a percentage such as 40%", Share.init(scenarioText:))
    }

    /// A bandwidth; `nil` for `unlimited`.
    func bandwidth() throws(InputError) -> Bandwidth? {
        try reading("a bandwidth such as 5Mbit/s, or unlimited") { text throws(ValueError) in
            text == "unlimited" ? nil : try Bandwidth(scenarioText: text)
        }
    }

    func boolean() throws(InputError) -> Bool {
        switch try text("true or false") {
        case "true": true
        case "false": false
        case let other: throw mistake("expected true or false, found '\(other)'")
        }
    }

    /// A whole number, decimal or `0x` and hexadecimal.
    func seed() throws(InputError) -> UInt64 {
        let text = try text("a whole number")
        let isHex = text.hasPrefix("0x")
        guard let seed = UInt64(isHex ? String(text.dropFirst(2)) : text, radix: isHex ? 16 : 10)
        else {
            throw mistake("'\(text)' is not a whole number from 0 to 2^64 - 1")
        }
        return seed
    }

    /// A whole number that counts something.
    func number() throws(InputError) -> Int {
        let text = try text("a whole number")
        guard let number = Int(text), (0...1_000_000_000).contains(number) else {
            throw mistake("'\(text)' is not a whole number from 0 to 1000000000")
        }
        return number
    }

    /// A whole number, or two `2..5`, the smaller first.
    func numberRange() throws(InputError) -> ClosedRange<Int> {
        let text = try text("a whole number or a range such as 2..5")
        let bounds = text.split(separator: "..", maxSplits: 1).map { Int($0) }
        guard let first = bounds.first, let last = bounds.last, let low = first, let high = last,
            0 <= low, low <= high
        else {
            throw mistake("'\(text)' is not a whole number or a range such as 2..5")
        }
        return low...high
    }

    func timescale() throws(InputError) -> Double {
        let text = try text("a number")
        guard let value = Double(text), (0.001...100_000).contains(value) else {
            throw mistake("'\(text)' is not a number from 0.001 to 100000")
        }
        return value
    }

    /// One line of at most `limit` octets, without control characters.
    func line(_ what: String, limit: Int) throws(InputError) -> String {
        let text = try text(what)
        guard !text.isEmpty else { throw mistake("\(what) is empty") }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw mistake("\(what) must be one line without control characters")
        }
        guard text.utf8.count <= limit else {
            throw mistake("\(what) has \(text.utf8.count) octets, at most \(limit) are allowed")
        }
        return text
    }

    /// A word out of a few.
    func choice(_ what: String, of words: [String]) throws(InputError) -> String {
        let word = try text(what)
        guard words.contains(word) else {
            throw mistake("unknown \(what) '\(word)'\(Spelling.hint(for: word, among: words))")
        }
        return word
    }
}

extension ByteCount {
    fileprivate init(scenarioText text: String) throws(ValueError) {
        do {
            try self.init(parsing: text)
        } catch {
            throw ValueError(error.description)
        }
    }
}

extension Share {
    fileprivate init(scenarioText text: String) throws(ValueError) {
        do {
            try self.init(parsing: text)
        } catch {
            throw ValueError(error.description)
        }
    }
}

extension Substring {
    /// Without spaces at its ends.
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
