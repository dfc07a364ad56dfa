/// Lays out a panel: the trip, a line for each device, and the last events.
struct PanelText: Sendable {
    private static let eventsMax = 6
    private static let barColumns = 6
    /// Columns besides the name's and the link's, with the gaps between them.
    private static let fixedColumns = 2 + 2 + 9 + 2 + barColumns + 1 + 16 + 1 + 6

    let picture: FleetPicture
    let columns: Int
    let rows: Int
    private let clock: ClockText

    init(_ picture: FleetPicture, columns: Int, rows: Int) {
        self.picture = picture
        self.columns = columns
        self.rows = rows
        clock = ClockText(duration: picture.duration)
    }

    /// At most `rows` lines; where they do not suffice, devices are left out before the last
    /// events.
    func lines(events: [LiveEvent]) -> [PanelLine] {
        let head = [title, place, progress, PanelLine(), header]
        let room = max(2, rows - head.count - 1)
        let eventCount = min(events.count, Self.eventsMax, max(1, room - picture.devices.count))
        let deviceRoom = max(1, room - eventCount)
        var devices = picture.devices.map(line)
        if devices.count > deviceRoom {
            let hidden = devices.count - deviceRoom + 1
            devices = devices.dropLast(hidden) + [PanelLine("… and \(hidden) more", .dim)]
        }
        let last = events.suffix(eventCount).map(line)
        return Array((head + devices + [PanelLine()] + last).prefix(rows))
    }

    // MARK: The trip

    private var title: PanelLine {
        var line = PanelLine(picture.title, .bold)
        let pace = picture.timescale.formatted(digitsMax: 1)
        line.append(atRight: "\(pace) × real time · seed \(picture.seed)", .dim, columns: columns)
        return line
    }

    private var place: PanelLine {
        var line = PanelLine(picture.place)
        let time = "\(clock.text(picture.now)) of \(clock.text(picture.duration))"
        line.append(atRight: time, .plain, columns: columns)
        return line
    }

    private var progress: PanelLine {
        func column(_ time: Duration) -> Int {
            let fraction = min(1, max(0, time / picture.duration))
            return Int(fraction * Double(columns))
        }
        let done = column(picture.now)
        let borders = Set(picture.borders.map { min(columns - 1, column($0)) })
        var line = PanelLine()
        for index in 0..<columns {
            let isDone = index < done
            if borders.contains(index) {
                line.append("┃", .yellow)
            } else {
                line.append(isDone ? "━" : "─", isDone ? .cyan : .dim)
            }
        }
        return line
    }

    // MARK: The devices

    private var nameColumns: Int {
        min(14, max(6, picture.devices.map(\.name.count).max() ?? 0))
    }

    private var linkColumns: Int {
        min(44, max(8, columns - Self.fixedColumns - nameColumns))
    }

    private var header: PanelLine {
        var line = PanelLine()
        line.append("device", .dim, columns: nameColumns + 2)
        line.append("links", .dim, columns: linkColumns + 2)
        line.append("last sync", .dim, columns: 9 + 2)
        line.append("used of granted", .dim, columns: Self.barColumns + 1 + 16 + 1)
        line.append("digest", .dim)
        return line
    }

    private func line(_ device: FleetPicture.Device) -> PanelLine {
        var line = PanelLine()
        line.append(device.name, .bold, columns: nameColumns)
        line.append("  ")
        let (link, look) = text(device.link)
        line.append(link, look, columns: linkColumns)
        line.append("  ")
        let ago = device.sinceSync.map { "\(clock.text($0)) ago" } ?? "–"
        line.append(ago, columns: 9)
        line.append("  ")
        let fraction = device.granted == 0 ? 0 : Double(device.used) / Double(device.granted)
        line.append(Self.bar(fraction, columns: Self.barColumns), fraction < 1 ? .cyan : .red)
        line.append(" ")
        line.append(AmountText.text(used: device.used, granted: device.granted), columns: 16)
        line.append(" ")
        line.append(String(device.digest?.prefix(6) ?? "–"), .dim)
        return line
    }

    private func text(_ link: FleetPicture.Link) -> (String, PanelLine.Look) {
        switch link {
        case .starting: ("◌ starting", .yellow)
        case .connected(let count, let all) where count == all: ("● \(count) of \(all)", .green)
        case .connected(let count, let all): ("◐ \(count) of \(all)", .yellow)
        case .noSignal(let since, let towards):
            ("○ no signal since \(clock.text(since)), to \(towards)", .red)
        case .cut: ("○ cut off", .red)
        case .killed: ("✕ killed", .red)
        case .paused: ("‖ paused", .red)
        case .absent: ("  not there", .red)
        }
    }

    /// A bar in eighths of a column.
    private static func bar(_ fraction: Double, columns: Int) -> String {
        let eighths = Int((min(1, max(0, fraction)) * Double(columns * 8)).rounded())
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        let text = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
        return text + String(repeating: "·", count: columns - text.count)
    }

    // MARK: The events

    private func line(_ event: LiveEvent) -> PanelLine {
        var line = PanelLine("\(clock.padded(event.at))  ", .dim)
        line.append(event.text)
        return line
    }
}

extension Double {
    /// With as many digits behind the point as it needs, but no more than one.
    fileprivate func formatted(digitsMax: Int) -> String {
        self == rounded() && magnitude < 1e15 ? "\(Int(self))" : "\((self * 10).rounded() / 10)"
    }
}
