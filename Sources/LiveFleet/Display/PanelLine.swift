/// One line of a panel: pieces of text, each with a colour.
struct PanelLine: Sendable {
    /// How a piece looks.
    enum Look: String, Sendable {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    private struct Piece: Sendable {
        var text: String
        var look: Look
    }

    private var pieces: [Piece] = []

    init() {}

    init(_ text: String, _ look: Look = .plain) { append(text, look) }

    /// In columns, of which each character takes one.
    var width: Int { pieces.reduce(0) { $0 + $1.text.count } }

    mutating func append(_ text: String, _ look: Look = .plain) {
        pieces.append(Piece(text: text, look: look))
    }

    /// Appends text in a column of its own: padded, or cut with `…` where it is too long.
    mutating func append(_ text: String, _ look: Look = .plain, columns: Int, toRight: Bool = false)
    {
        let shown = text.count > columns ? text.prefix(max(0, columns - 1)) + "…" : text[...]
        let padding = String(repeating: " ", count: max(0, columns - shown.count))
        append(toRight ? padding + shown : shown + padding, look)
    }

    /// Appends text so that it ends at a column, if there is room for it.
    mutating func append(atRight text: String, _ look: Look, columns: Int) {
        let room = columns - width - text.count
        guard room > 0 else { return }
        append(String(repeating: " ", count: room))
        append(text, look)
    }

    /// The line for a terminal of so many columns.
    func rendered(columns: Int, hasColors: Bool) -> String {
        var left = columns
        var text = ""
        for piece in pieces where left > 0 {
            let shown = piece.text.prefix(left)
            left -= shown.count
            let isColored = hasColors && piece.look != .plain
            text += isColored ? "\u{1B}[\(piece.look.rawValue)m\(shown)\u{1B}[0m" : shown
        }
        return text
    }
}
