import Testing

@Suite struct SwiftSourceTests {
    private func code(_ text: String) -> String {
        let bytes = SwiftSource(text).code.bytes
        return String(decoding: bytes.filter { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    }

    @Test("Comments are no code")
    func commentsAreNoCode() {
        #expect(code("a // b\nc /* d /* e */ f */ g") == "a\ncg")
        #expect(SwiftSource("a // b").comments.lines == ["  // b"])
    }

    @Test("Strings are no code, whatever their quotes")
    func stringsAreNoCode() {
        #expect(code(#"a("b // c", "\"d", e)"#) == "a(,,e)")
        #expect(code("a(#\"b\\\"#, c)") == "a(,c)")
        #expect(code("a(\"\"\"\n  b \"c\"\n  \"\"\", d)") == "a(\n\n,d)")
        #expect(code("func `a \"b\" c`() {}") == "func(){}")
    }

    @Test("An interpolation is code again")
    func interpolationIsCodeAgain() {
        #expect(code(#"a("b \(c(d, "e")) f")"#) == "a(c(d,))")
        #expect(code("a(#\"b \\(c) \\#(d)\"#)") == "a(d)")
    }

    @Test("A string that is never closed ends with its line")
    func unclosedStringEndsWithItsLine() {
        #expect(code("a \"b\nc") == "a\nc")
    }

    @Test("Offsets and lines stay where they were")
    func offsetsAndLinesStay() {
        let text = "let é = \"ü\" // ß\nlet b = 1"
        #expect(SwiftSource(text).code.bytes.count == text.utf8.count)
        #expect(SwiftSource(text).code.offsets(ofToken: "b").count == 1)
        #expect(SwiftSource(text).code.line(at: text.utf8.count - 1) == 2)
    }

    @Test("A token inside a longer word is not found")
    func tokenInsideLongerWordIsNotFound() {
        let code = SwiftSource("fingerprint(a); print(b); canvas.print(c); Swift.print(d)").code
        #expect(code.offsets(ofToken: "print(") == [16, 49])
    }
}
