import Yams

/// One node of a scenario file, which knows where it stands and so where a mistake is.
struct ScenarioNode {
    private let node: Yams.Node
    /// The file as the caller named it.
    let file: String
    /// Where mistakes are noted behind which reading can go on.
    let mistakes: ScenarioMistakes

    init(node: Yams.Node, file: String, mistakes: ScenarioMistakes) {
        self.node = node
        self.file = file
        self.mistakes = mistakes
    }

    private func other(_ node: Yams.Node) -> ScenarioNode {
        ScenarioNode(node: node, file: file, mistakes: mistakes)
    }

    var isList: Bool { node.sequence != nil }
    var isMapping: Bool { node.mapping != nil }
    /// Whether there is nothing: no text, `~` or `null`.
    var isEmpty: Bool { !isList && !isMapping && scalarText == nil }

    /// The line in the file, from 1.
    var line: Int { node.mark?.line ?? 1 }

    /// A mistake at this node.
    func mistake(_ message: String) -> InputError {
        InputError(file: file, line: line, column: node.mark?.column ?? 1, message: message)
    }

    /// The text of a scalar; `nil` for a list, a mapping and an empty value.
    ///
    /// Scalars are taken as they are written: `on`, `1e3` and `0123` stay text, whatever YAML 1.1
    /// would make of them.
    var scalarText: String? {
        guard let scalar = node.scalar else { return nil }
        let isPlain = scalar.style != .singleQuoted && scalar.style != .doubleQuoted
        if isPlain, ["", "~", "null"].contains(scalar.string) { return nil }
        return scalar.string
    }

    /// The text of a scalar, which `what` names in the mistake where it is none.
    func text(_ what: String) throws(InputError) -> String {
        if let scalarText { return scalarText }
        let found = isList ? "a list" : isMapping ? "a mapping" : "nothing"
        throw mistake("expected \(what), found \(found)")
    }

    /// The elements of a list.
    func list(_ what: String) throws(InputError) -> [ScenarioNode] {
        guard let sequence = node.sequence else {
            throw mistake("expected a list of \(what)")
        }
        return sequence.map(other)
    }

    /// The entries of a mapping in file order, whatever their keys.
    func entries(_ what: String) throws(InputError) -> [(key: ScenarioNode, value: ScenarioNode)] {
        guard let mapping = node.mapping else {
            throw mistake("expected a mapping with \(what)")
        }
        return mapping.map { (other($0.key), other($0.value)) }
    }

    /// The mapping, whose keys should be among `keys`; others are noted as mistakes.
    func mapping(_ what: String, keys: [String]) throws(InputError) -> ScenarioMapping {
        var values: [String: ScenarioNode] = [:]
        var unknown: InputError?
        for (key, value) in try entries(keys.joined(separator: ", ")) {
            let name = try key.text("a key")
            guard keys.contains(name) else {
                let hint = Spelling.hint(for: name, among: keys)
                let mistake = key.mistake("unknown key '\(name)' in \(what)\(hint)")
                mistakes.note(mistake)
                unknown = unknown ?? mistake
                continue
            }
            values[name] = value
        }
        return ScenarioMapping(node: self, what: what, values: values, unknown: unknown)
    }
}

/// A mapping, without the keys that should not be there.
struct ScenarioMapping {
    let node: ScenarioNode
    /// What the mapping describes, for mistakes: "the pool", "device 'phone'".
    let what: String
    /// The first key that should not be there, which explains what seems to be missing.
    let unknown: InputError?
    fileprivate let values: [String: ScenarioNode]

    fileprivate init(
        node: ScenarioNode, what: String, values: [String: ScenarioNode], unknown: InputError?
    ) {
        self.node = node
        self.what = what
        self.values = values
        self.unknown = unknown
    }

    /// The value of a key, if the file gives one.
    subscript(key: String) -> ScenarioNode? { values[key] }

    /// The value of a key which must be there.
    func required(_ key: String) throws(InputError) -> ScenarioNode {
        guard let value = values[key] else {
            throw unknown ?? node.mistake("missing key '\(key)' in \(what)")
        }
        return value
    }
}

extension ScenarioNode {
    /// The document of a scenario file.
    ///
    /// - Throws: `InputError` with the place of a mistake in the YAML itself.
    static func compose(
        _ text: String, file: String, mistakes: ScenarioMistakes
    ) throws(InputError) -> ScenarioNode {
        do {
            guard let node = try Yams.compose(yaml: text, .default, .default, .utf8) else {
                throw InputError(file: file, line: 1, column: 1, message: "the file is empty")
            }
            return ScenarioNode(node: node, file: file, mistakes: mistakes)
        } catch let error as InputError {
            throw error
        } catch let error as YamlError {
            throw InputError(error, text: text, file: file)
        } catch {
            throw InputError(file: file, line: 1, column: 1, message: "not YAML: \(error)")
        }
    }
}
