import Foundation

/// Every page has one title, and its links lead to files of the repository.
enum MarkdownCheck {
    static func titleViolations(in file: TextFile) -> [Violation] {
        let titles = MarkdownText(file.text).lines.enumerated().filter { _, line in
            line.hasPrefix("# ")
        }
        guard titles.count != 1 else { return [] }
        let line = titles.dropFirst().first.map { $0.offset + 1 } ?? 0
        return [file.violation(line: line, "\(titles.count) top titles instead of one")]
    }

    static func linkViolations(in file: TextFile, paths: Set<String>) -> [Violation] {
        MarkdownText(file.text).lines.enumerated().flatMap { index, line in
            MarkdownText.links(in: line).compactMap { link in
                guard !isElsewhere(link) else { return nil }
                let path = resolve(link, in: file)
                guard path.map({ exists($0, in: paths) }) != true else { return nil }
                return file.violation(line: index + 1, "the link leads nowhere: \(link)")
            }
        }
    }

    /// Addresses with a scheme, and places on the same page.
    private static func isElsewhere(_ link: String) -> Bool {
        let scheme = link.prefix { $0.isLetter || $0 == "+" || $0 == "-" }
        return link.hasPrefix("#") || (!scheme.isEmpty && link.dropFirst(scheme.count).first == ":")
    }

    /// The path that a link names, relative to the root, or nil when it leaves the repository.
    private static func resolve(_ link: String, in file: TextFile) -> String? {
        guard !link.hasPrefix("/") else { return nil }
        var folders = file.folders
        let target = link.prefix { $0 != "#" && $0 != "?" }
        let path = String(target).removingPercentEncoding ?? String(target)
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                folders.append(part)
            } else if folders.popLast() == nil {
                return nil
            }
        }
        return folders.joined(separator: "/")
    }

    private static func exists(_ path: String, in paths: Set<String>) -> Bool {
        paths.contains(path) || paths.contains { $0.hasPrefix(path + "/") }
    }
}
