/// Text that others chose, made fit for a terminal.
///
/// Any device of the fleet chooses names and nicknames, and a peer its refusals. Control
/// characters, escape sequences and marks that turn the direction of writing must not reach a
/// terminal.
package enum Printable {
    /// The text with everything that is not to be printed as `\u{…}`.
    package static func escaped(_ text: String) -> String {
        replacing(in: text) { "\\u{" + String($0.value, radix: 16) + "}" }
    }

    /// JSON with the same characters as escapes of JSON.
    ///
    /// Structure is ASCII without them, so all of them stand within strings.
    package static func escapedJSON(_ json: String) -> String {
        replacing(in: json) { scalar in
            String(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }
    }

    private static func replacing(
        in text: String, with escape: (Unicode.Scalar) -> String
    ) -> String {
        guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isUnprintable(scalar) {
                result += escape(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether a scalar would steer a terminal, or is not seen on it.
    package static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: true
        // Joins parts of emoji, and nothing else.
        case .format: scalar != "\u{200d}"
        default: false
        }
    }

    /// How many columns a terminal needs: two for East Asian wide characters and emoji.
    package static func width(of text: String) -> Int {
        text.reduce(0) { width, character in
            guard let first = character.unicodeScalars.first else { return width }
            switch first.value {
            case 0x300..<0x370: return width
            case 0x1100..<0x1160, 0x2e80..<0xa4d0, 0xac00..<0xd7a4, 0xf900..<0xfb00,
                0xfe30..<0xfe70, 0xff00..<0xff61, 0xffe0..<0xffe7, 0x1f300..<0x1f650,
                0x1f900..<0x1fa00, 0x20000..<0x40000:
                return width + 2
            default: return width + 1
            }
        }
    }
}

extension String {
    /// The text as ``Printable/escaped(_:)`` makes it.
    package var printable: String { Printable.escaped(self) }
}
