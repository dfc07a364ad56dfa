import FleetModel
import TerminalText

extension ReplicaReport {
    /// The report for people.
    ///
    /// - Parameter isStyled: Whether headings stand out; only for a terminal.
    /// - Returns: Lines, each with its line break.
    package func text(isStyled: Bool) -> String {
        var out = ReportText(isStyled: isStyled)
        addHead(to: &out)
        addWriters(to: &out)
        addMembers(to: &out)
        addProfiles(to: &out)
        addPool(to: &out)
        addUsage(to: &out)
        addLostValues(to: &out)
        out.space()
        if violations.isEmpty { out.say("No violations: what is held is sound.") }
        for violation in violations { out.say("violation: " + violation, isFault: true) }
        return out.text
    }

    private func addHead(to out: inout ReportText) {
        out.line("replica", path)
        out.line("fleet", fleet ?? "unknown")
        out.line("device", device?.phrase ?? "unknown")
        out.line(
            "files",
            "database \(ByteCount(files.database)), log \(ByteCount(files.log)), "
                + "schema \(schemaVersion)")
        out.line("digest", digest)
        out.line("clock", clock.text)
        var table = TextTable(
            ("lane", .left), ("digest", .left), ("cells", .right), ("writes", .right),
            ("collections", .left))
        for lane in lanes {
            table.add(
                lane.lane, lane.digest, "\(lane.cells)", "\(lane.writes)",
                lane.collections.map { "\($0.collection) \($0.cells)" }.joined(separator: ", "))
        }
        out.table(table)
    }

    private func addWriters(to out: inout ReportText) {
        var table = TextTable(
            ("writer", .left), ("device", .left), ("control", .right), ("settings", .right),
            ("usage", .right), ("", .left))
        for writer in writers {
            let sequences = ["control", "settings", "usage"].map {
                "\(writer.sequences[$0] ?? 0)"
            }
            table.add(
                [writer.id, writer.deviceName ?? "unknown"] + sequences
                    + [writer.isOwn ? "own" : ""])
        }
        out.table(table)
    }

    private func addMembers(to out: inout ReportText) {
        var table = TextTable(("member", .left), ("class", .left), ("identifier", .left))
        for member in members {
            table.add(member.name ?? "", member.deviceClass ?? "", member.id)
        }
        out.table(table)
    }

    private func addProfiles(to out: inout ReportText) {
        var table = TextTable(("profile", .left), ("edited", .left), ("fields", .left))
        for profile in profiles {
            let fields = profile.fields.sorted { $0.key < $1.key }
                .map { "\($0.key) \"\($0.value)\"" }
            table.add(profile.iccid, profile.editedAt.time, fields.joined(separator: ", "))
        }
        out.table(table)
    }

    private func addPool(to out: inout ReportText) {
        var grants = TextTable(
            ("grant", .left), ("bytes", .right), ("reserved", .right), ("minted to", .left),
            ("valid from", .left), ("valid until", .left), ("", .left))
        for grant in pool.grants {
            grants.add(
                String(grant.id.prefix(8)), grant.bytes.text, grant.reserved.text,
                grant.minterName, grant.validFrom, grant.validUntil, grant.isValid ? "" : "not now")
        }
        out.table(grants)
        var table = TextTable(
            ("pool", .left), ("granted", .right), ("reserved", .right), ("available", .right),
            ("used", .right))
        for device in pool.devices {
            table.add(
                device.name, device.granted.text, device.reserved.text, device.available.text,
                device.used.text)
        }
        let available = pool.devices.reduce(UInt64(0)) {
            $0.addingReportingOverflow($1.available).partialValue
        }
        table.add(
            "all", pool.granted.text, pool.reserved.text, available.text, pool.used.text)
        out.table(table)
        out.say(
            "period \"\(pool.period)\""
                + (pool.overrun == 0 ? "" : ", \(pool.overrun.text) used beyond what was granted"))
    }

    private func addUsage(to out: inout ReportText) {
        var table = TextTable(
            ("usage", .left), ("period", .left), ("profile", .left), ("country", .left),
            ("life", .right), ("received", .right), ("sent", .right))
        for usage in usage {
            table.add(
                usage.name, usage.period, usage.iccid, usage.country, "\(usage.epoch)",
                usage.received.text, usage.sent.text)
        }
        out.table(table)
    }

    private func addLostValues(to out: inout ReportText) {
        var table = TextTable(
            ("lost value", .left), ("of", .left), ("written", .left), ("by", .left),
            ("why", .left))
        for lost in lostValues {
            table.add(
                lost.value, lost.field, lost.timestamp.text, lost.deviceName ?? "unknown",
                lost.reason)
        }
        let rest = lostValuesCount - lostValues.count
        out.table(table)
        if rest > 0 { out.say("and \(rest) older") }
    }
}

extension ReplicaReport.Device {
    /// Name, class and identifier.
    var phrase: String {
        guard let name else { return id + ", not a member yet" }
        return "\(name) (\(deviceClass ?? "other")), \(id)"
    }
}

extension ReplicaReport.Timestamp {
    /// The time, and the counter and the epoch where they say something.
    var text: String {
        time + (counter == 0 ? "" : " +\(counter)") + (epoch == 0 ? "" : ", epoch \(epoch)")
    }
}

extension UInt64 {
    /// A number of bytes for people.
    var text: String { ByteCount(self).description }
}
