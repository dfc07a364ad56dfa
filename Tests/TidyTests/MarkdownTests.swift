import Testing

@Suite struct MarkdownTests {
    private func page(_ text: String, path: String = "Documentation/a.md") -> TextFile {
        TextFile(path: path, text: text)
    }

    @Test("Every Markdown page has one top title")
    func everyPageHasOneTitle() throws {
        let pages = try Repository.current.get().texts.filter(\.isMarkdown)
        expectNone(pages.flatMap(MarkdownCheck.titleViolations))
    }

    @Test("Every relative link leads to a file of the repository")
    func everyLinkLeadsSomewhere() throws {
        let repository = try Repository.current.get()
        let paths = Set(repository.paths)
        expectNone(
            repository.texts.filter(\.isMarkdown).flatMap {
                MarkdownCheck.linkViolations(in: $0, paths: paths)
            })
    }

    @Test("A page without a title, or with two, is caught")
    func wrongTitlesAreCaught() {
        #expect(MarkdownCheck.titleViolations(in: page("text\n## A")).count == 1)
        #expect(lines(MarkdownCheck.titleViolations(in: page("# A\n\n# B"))) == [3])
        let fenced = "# A\n```sh\n# not a title\n```\n~~~\n# nor this\n~~~\n## B"
        #expect(MarkdownCheck.titleViolations(in: page(fenced)).isEmpty)
    }

    @Test(
        "A link that leads nowhere is caught",
        arguments: [
            "[a](gone.md)", "see ![a](<pictures/gone.png> \"title\")", "[a]: gone.md",
            "<img src=\"gone.png\">", "[a](../../README.md)", "[a](/README.md)",
            "[a](b.md) and [c](../README)",
        ])
    func deadLinkIsCaught(line: String) {
        let paths: Set = ["Documentation/a.md", "Documentation/b.md", "README.md"]
        let found = MarkdownCheck.linkViolations(in: page("# T\n" + line), paths: paths)
        #expect(lines(found) == [2])
    }

    @Test(
        "Links to files, folders, other sites and places on the page are fine",
        arguments: [
            "[a](b.md#part)", "[a](./b.md)", "[a](../README.md)", "[a](../Documentation/)",
            "[a](https://example.com/gone)", "[a](#part)", "`[a](gone.md)`", "[a](doc:Guide)",
        ])
    func livingLinkIsFine(line: String) {
        let paths: Set = ["Documentation/a.md", "Documentation/b.md", "README.md"]
        #expect(MarkdownCheck.linkViolations(in: page(line), paths: paths).isEmpty)
        let fenced = page("```\n[a](gone.md)\n```")
        #expect(MarkdownCheck.linkViolations(in: fenced, paths: paths).isEmpty)
    }
}
