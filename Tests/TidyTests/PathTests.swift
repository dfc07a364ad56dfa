import Foundation
import Testing

@Suite struct PathTests {
    @Test("No path holds a space")
    func noPathHoldsSpace() throws {
        expectNone(PathCheck.spaceViolations(in: try Repository.current.get().paths))
    }

    @Test("No file names a path of one machine")
    func noFileNamesMachinePath() throws {
        let repository = try Repository.current.get()
        expectNone(
            repository.texts.flatMap {
                PathCheck.machineViolations(in: $0, root: repository.root.path)
            })
    }

    @Test("A path with a space is caught")
    func spaceIsCaught() {
        let found = PathCheck.spaceViolations(in: ["a/b c.txt", "a/b.txt"])
        #expect(found.map(\.path) == ["a/b c.txt"])
    }

    @Test("A path of one machine is caught, and one that merely goes on is not")
    func machinePathIsCaught() {
        let home = ["", "home", "ann", "x"].joined(separator: "/")
        let beside = ["..", "shared", "x"].joined(separator: "/")
        func check(_ line: String, path: String = "README.md") -> [Int] {
            let file = TextFile(path: path, text: "# T\n" + line)
            return lines(PathCheck.machineViolations(in: file, root: "/srv/caravan"))
        }
        #expect(check("see \(home)") == [2])
        #expect(check("path=\"\(home)\"") == [2])
        #expect(check("cd \(beside)") == [2])
        #expect(check("/srv/caravan/Package.swift") == [2])
        #expect(check("https://example.com\(home)").isEmpty)
        #expect(check("Sources\(home)").isEmpty)
        #expect(check("/srv/caravans").isEmpty)
        #expect(check("see \(home)", path: ".ci/run").isEmpty)
    }
}
