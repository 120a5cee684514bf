import Testing
@testable import Platform

@Suite struct TerminalWidthTests {
    @Test(arguments: [("abc", 3), ("毕业", 4), ("ｆ", 2), ("é", 1), ("e\u{301}", 1), ("🚀", 2), ("🎬", 2), ("한", 2), ("→ ×", 3), ("", 0)])
    func charactersTakeTheirColumns(text: String, width: Int) { #expect(text.terminalWidth == width) }

    @Test func whatIsCutFitsAndSaysSo() {
        #expect("毕业典礼.mov".fitting(terminalWidth: 12) == "毕业典礼.mov")
        #expect("毕业典礼.mov".fitting(terminalWidth: 6) == "毕业…")
        #expect("abcdef".fitting(terminalWidth: 4) == "abc…")
    }

    @Test func linesAreBrokenBetweenWords() {
        #expect("one two three".wrapped(terminalWidth: 7) == ["one two", "three"])
        #expect("one two three".wrapped(terminalWidth: 12, indent: 2) == ["one two", "  three"])
        #expect("queue     3 waiting; 2 running".wrapped(terminalWidth: 22, indent: 10) == ["queue     3 waiting; 2", "          running"])
        #expect("a-very-long-word-that-is-longer".wrapped(terminalWidth: 12) == ["a-very-long-", "word-that-is", "-longer"])
        #expect("毕业典礼的录像".wrapped(terminalWidth: 5) == ["毕业", "典礼", "的录", "像"])
        #expect("  9  code  毕业典礼".wrapped(terminalWidth: 14, indent: 4) == ["  9  code  毕", "    业典礼"])
        #expect("".wrapped(terminalWidth: 5) == [""] && "short".wrapped(terminalWidth: 5) == ["short"])
        for width in 1...30 {
            for text in ["one two three four", "毕业典礼 a 录像.mp4", "    indented, long enough to be broken", "word"] {
                let lines = text.wrapped(terminalWidth: width, indent: 4)
                #expect(lines.allSatisfy { $0.terminalWidth <= max(2, width) }, "\(width): \(lines)")
                #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
            }
        }
    }
}
