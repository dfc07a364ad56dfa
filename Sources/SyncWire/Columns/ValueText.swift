import ReplicaModel

/// How values are taken apart so that each part is told in the cheapest way.
enum ValueText {
    static let integerTag: UInt8 = 2
    static let textTag: UInt8 = 3
    /// Fewer digits are told as text.
    static let digitsMin = 4
    static let digitsMax = 255

    /// The zigzag integer that a value is, if it is one and in the form that all write.
    static func integer(_ value: [UInt8]) -> UInt64? {
        guard value.first == integerTag else { return nil }
        var reader = ByteReader(Array(value.dropFirst()))
        return reader.onlyVarint()
    }

    static func value(ofInteger integer: UInt64) -> [UInt8] {
        var out = ByteWriter([integerTag])
        out.varint(integer)
        return out.bytes
    }

    /// The digits that a value consists of, if it is such a text.
    static func digits(_ value: [UInt8]) -> [UInt8]? {
        guard value.first == textTag, (digitsMin...digitsMax).contains(value.count - 1),
            value.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Array(value.dropFirst())
    }

    /// How many bits so many digits take, up to nine.
    static let bitsOfDigits = [0, 4, 7, 10, 14, 17, 20, 24, 27, 30]

    /// Writes digits nine at a time.
    static func encode(digits: ArraySlice<UInt8>, to out: inout RangeEncoder) {
        var rest = digits
        while !rest.isEmpty {
            let group = rest.prefix(9)
            rest = rest.dropFirst(9)
            let number = group.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 0x30) }
            out.encode(number, bits: bitsOfDigits[group.count])
        }
    }

    /// Reads digits nine at a time; nothing if they are none.
    static func digits(_ count: Int, from reader: inout RangeDecoder) -> [UInt8]? {
        var digits: [UInt8] = []
        var left = count
        while left > 0 {
            let group = min(left, 9)
            left -= group
            var number = reader.bits(bitsOfDigits[group])
            var part = [UInt8](repeating: 0x30, count: group)
            for place in part.indices.reversed() {
                part[place] += UInt8(number % 10)
                number /= 10
            }
            guard number == 0 else { return nil }
            digits += part
        }
        return digits
    }

    /// The row after another: one that ends in digits is counted on, any other has its last byte
    /// raised.
    static func next(after row: [UInt8]) -> [UInt8]? {
        var next = row
        var place = next.count - 1
        while place >= 0, next[place] == 0x39 {
            next[place] = 0x30
            place -= 1
        }
        guard place >= 0, next[place] < 0xff else { return nil }
        if place < next.count - 1, !(0x30...0x38).contains(next[place]) {
            next = row
            place = next.count - 1
        }
        next[place] += 1
        return next
    }
}
