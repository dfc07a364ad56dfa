import Synchronization

/// A panel at the bottom of a terminal that is redrawn in place.
package final class TerminalPanel: LiveDisplay {
    private struct Content {
        var picture: FleetPicture?
        var events: [LiveEvent] = []
        /// How wide the lines on the screen are.
        var drawn: [Int] = []
        var isClosed = false
    }

    private static let eventsMax = 64
    private let content = Mutex(Content())

    package init() {}

    package func show(_ event: LiveEvent) {
        content.withLock { content in
            content.events.append(event)
            if content.events.count > Self.eventsMax { content.events.removeFirst() }
        }
    }

    package func refresh(_ picture: FleetPicture) {
        content.withLock { content in
            guard !content.isClosed else { return }
            content.picture = picture
            Self.draw(&content)
        }
    }

    package func close() {
        content.withLock { content in
            guard !content.isClosed else { return }
            if !content.drawn.isEmpty {
                Self.draw(&content)
                Terminal.write(Self.showCursor)
            }
            content.isClosed = true
        }
    }

    private static let escape = "\u{1B}["
    private static let showCursor = escape + "?25h"
    /// The cursor hidden, lines cut at the edge, and nothing shown until all is written.
    private static let begin = escape + "?2026h" + escape + "?25l" + escape + "?7l"
    private static let end = escape + "?7h" + escape + "?2026l"

    private static func draw(_ content: inout Content) {
        guard let picture = content.picture else { return }
        let (columns, rows) = Terminal.size
        let lines = PanelText(picture, columns: columns, rows: rows - 1)
            .lines(events: content.events)
        var text = begin
        // A terminal that became narrower has broken the lines on the screen.
        let above = content.drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        if above > 0 { text += "\r\(escape)\(above)A" }
        for line in lines {
            // Cleared before, not after: behind a full line the cursor stands on its last column.
            text += "\(escape)2K"
            text += line.rendered(columns: columns, hasColors: Terminal.hasColors) + "\n"
        }
        text += "\(escape)J" + end
        content.drawn = lines.map { min($0.width, columns) }
        Terminal.write(text)
    }
}
