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
}
