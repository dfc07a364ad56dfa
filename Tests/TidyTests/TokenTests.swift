import Testing

@Suite struct TokenTests {
    /// Source files that may swallow errors or trap, each with its reason.
    static let errorExemptions: [Exemption] = []

    private func check(_ target: String, _ text: String) -> [Violation] {
        let file = TextFile(path: "Sources/\(target)/A.swift", text: text)
        return TokenCheck.violations(in: file, of: TokenCheck.rules(for: file))
            + TokenCheck.emptyCatches(in: file)
    }

    @Test("The pure targets read no clock, draw no random number and print nothing")
    func pureTargetsArePure() throws {
        let files = try Repository.current.get().swiftFiles(below: "Sources")
        expectNone(
            files.filter(Layers.isPure).flatMap {
                TokenCheck.violations(in: $0, of: TokenCheck.pure)
            })
    }

    @Test("No task is detached, and only ZstdStream vouches for its own thread safety")
    func concurrencyIsStructured() throws {
        let files = try Repository.current.get().sourceFiles()
        expectNone(
            files.flatMap { TokenCheck.violations(in: $0, of: TokenCheck.concurrency) })
        expectNone(
            files.filter { $0.target != "ZstdStream" }.flatMap {
                TokenCheck.violations(in: $0, of: TokenCheck.unchecked)
            })
    }

    @Test("No error is swallowed and no input can trap")
    func errorsAreHandled() throws {
        let files = try Repository.current.get().sourceFiles()
        let found = files.flatMap {
            TokenCheck.violations(in: $0, of: TokenCheck.errors) + TokenCheck.emptyCatches(in: $0)
        }
        let exempt = Set(Self.errorExemptions.map(\.path))
        expectNone(found.filter { !exempt.contains($0.path) })
        #expect(exempt.subtracting(found.map(\.path)).isEmpty, "an exemption nobody needs")
    }

    @Test("Clocks, randomness and output are caught in a pure target")
    func impurityIsCaught() {
        let planted = [
            "let now = Date()", "let clock = ContinuousClock()", "let c: SuspendingClock",
            "try await Task.sleep(for: .seconds(1))", "var g = SystemRandomNumberGenerator()",
            "let n = Int.random(in: 0..<3)", "list.shuffle()", "let l = list.shuffled()",
            "let e = list.randomElement()", "let h = a.hashValue", "var h = Hasher()",
            "print(a)", "Swift.print(a)", "debugPrint(a)", "dump(a)", "let l = readLine()",
            "let text = \"\\(Date())\"",
        ]
        for line in planted {
            #expect(lines(check("SyncEngine", "\n" + line)) == [2], "\(line)")
            #expect(check("Caravan", line).isEmpty, "\(line)")
        }
    }

    @Test("A generator that is passed in, comments and strings are fine")
    func purityIsRecognized() {
        let text = """
            // print(Date()), then try! it
            let n = Int.random(in: 0..<max(1, 2), using: &generator)
            list.shuffle(using: &generator)
            let text = "Date() print() try?"
            func hash(into hasher: inout Hasher) { fingerprint(UpToDate(a)) }
            """
        #expect(check("SyncEngine", text).isEmpty)
    }

    @Test("Detached tasks and unchecked sendability are caught")
    func looseConcurrencyIsCaught() {
        #expect(lines(check("Caravan", "a\nTask.detached { }")) == [2])
        #expect(lines(check("Caravan", "final class A: @unchecked Sendable {}")) == [1])
        #expect(check("ZstdStream", "final class A: @unchecked Sendable {}").isEmpty)
    }

    @Test("Swallowed errors and traps are caught")
    func swallowedErrorsAreCaught() {
        let planted = [
            "let a = try? b()", "let a = try! b()", "let a = b as! C", "fatalError(\"no\")",
            "do { try a() } catch {}", "do { try a() } catch let error as B {\n // why\n }",
        ]
        for line in planted {
            #expect(lines(check("ReplicaStore", "\n\n" + line)) == [3], "\(line)")
        }
        #expect(check("ReplicaStore", "do { try a() } catch { throw b }").isEmpty)
        #expect(check("ReplicaStore", "if let a = b as? C { try a.hasTry() }").isEmpty)
    }
}
