import MediaWire
import Testing
import Verdicts

/// What a stranger wrote speaks to no terminal, forges no line of a log, and fits a database.
@Suite struct PlainTextTests {
    @Test func oneLineStaysOne() {
        #expect(PlainText.line("a\nb\r\nc\td") == "a b  c d")
        #expect(PlainText.line("a\u{0}b\u{1B}[31mc\u{9B}2J\u{7F}") == "a b [31mc 2J ")
        #expect(PlainText.line("a\u{2028}b\u{202E}c\u{2066}d") == "a b c d")
    }

    @Test func linesKeepTheirEnds() {
        #expect(PlainText.lines("a\n\tb\u{1B}\u{0}\r\n") == "a\n\tb   \n")
    }

    @Test(arguments: ["", "plain", "Ünïcödé 👩‍👩‍👧 família", "日本語", "שלום", "e\u{301}"])
    func whatIsHarmlessStaysAsItIs(text: String) {
        #expect(PlainText.line(text) == text && PlainText.lines(text) == text)
    }

    @Test func theTailIsCutByBytesBetweenScalars() {
        #expect(PlainText.tail("short", bytes: 5) == "short")
        #expect(PlainText.tail("ééé", bytes: 3) == "é")
        // One character to a person, and as many bytes as somebody likes.
        let stack = "e" + String(repeating: "\u{301}", count: 100_000)
        #expect(PlainText.tail(stack, bytes: 4096).utf8.count == 4096)
    }

    @Test func whatCrossesTheWireIsClean() throws {
        var failure = Verdict(.unsupportedCodec("a\u{1B}b\nforged"), detail: "x\n\u{0}y")
        failure = try WireCoder.decode(Verdict.self, from: WireCoder.encode(failure))
        #expect(failure.failure == .unsupportedCodec("a b forged") && failure.detail == "x\n y")
        var outcome = MediaOutcome()
        outcome.remarks = [.earlier("cut\nshort")]
        outcome = try WireCoder.decode(MediaOutcome.self, from: WireCoder.encode(outcome))
        #expect(outcome.remark == "cut short")
    }
}
