import FleetModel

/// Arguments of the `caravan` command, as people write them.
package enum CommandText {
    /// Reads a number of bytes such as `20GB` or `512kB`.
    package static func bytes(parsing text: String) throws(DeviceFailure) -> UInt64 {
        do { return try ByteCount(parsing: text).bytes } catch { throw .mistake("\(error)") }
    }

    /// Reads `NAME=SHARE`, such as `phone=40%`; a name may itself contain `=`.
    package static func share(
        parsing text: String
    ) throws(DeviceFailure) -> DeviceCommand.DeviceShare {
        guard let sign = text.lastIndex(of: "="), sign != text.startIndex else {
            throw .mistake("'\(text)' is not NAME=SHARE such as phone=40%")
        }
        do {
            return DeviceCommand.DeviceShare(
                device: String(text[..<sign]),
                basisPoints: try Share(parsing: text[text.index(after: sign)...]).basisPoints)
        } catch {
            throw .mistake("\(error)")
        }
    }

    /// Reads `FIELD=VALUE` pairs, such as `nickname=Japan`; a value may itself contain `=`.
    package static func fields(parsing texts: [String]) throws(DeviceFailure) -> [String: String] {
        var fields: [String: String] = [:]
        for text in texts {
            guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
                throw .mistake("'\(text)' is not FIELD=VALUE such as nickname=Japan")
            }
            let name = String(text[..<sign])
            guard fields.updateValue(String(text[text.index(after: sign)...]), forKey: name) == nil
            else {
                throw .mistake("field '\(name)' is given twice")
            }
        }
        return fields
    }
}
