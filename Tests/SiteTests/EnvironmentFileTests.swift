import Testing

@testable import Site

@Suite struct EnvironmentFileTests {
    private func values(_ text: String) throws -> [String: String] { try EnvironmentFile(text).values }

    /// What phpdotenv 5 makes of each, by its grammar.
    @Test(arguments: [
        ("A=b", "b"), ("A=", ""), ("A = b", "b"), ("  A=b  ", "b"), ("A=b # why", "b"), ("A= # why", ""), ("A=#why", ""),
        ("A=b#c", "b"), ("A=\"b#c\"", "b#c"), ("A='b#c'", "b#c"), ("A=\"b\" # why", "b"), ("A='b'# why", "b"),
        ("A=\"two words\"", "two words"), ("A='two words'", "two words"), ("A=\"\"", ""), ("A=''", ""),
        ("A=it's", "it's"), ("A=b\"c", "b\"c"), ("A=b\\c", "b\\c"), ("A=C:\\dir", "C:\\dir"),
        ("A=\"a\\\"b\"", "a\"b"), ("A=\"a\\\\b\"", "a\\b"), ("A=\"a\\nb\\tc\\rd\"", "a\nb\tc\rd"), ("A='a\\nb'", "a\\nb"),
        ("A=\"\\$B\"", "$B"), ("A='${B}'", "${B}"), ("A=$B", "$B"), ("A=${NOTHING}", "${NOTHING}"), ("A=\"${NOTHING\"", "${NOTHING"),
        ("export A=b", "b"), ("export   A = \"b\"", "b"), ("\"A\"=b", "b"), ("'A'=b", "b"), ("\u{FEFF}A=b", "b"), ("A=b\r\n", "b"),
        ("A=base64:3q2+7w==", "base64:3q2+7w=="), ("A=x=y", "x=y"), ("A=1\nA=2", "2"), ("A=Пароль-密", "Пароль-密"),
        ("A=\"one\ntwo # no comment\nthree\"", "one\ntwo # no comment\nthree"),
        ("A=\"one\r\ntwo\"\r\nB=c", "one\ntwo"), ("A=\"x\\\"\ny\"", "x\"\ny"),
    ])
    func valuesAreReadAsPHPDoes(text: String, value: String) throws {
        #expect(try values(text)["A"] == value)
    }

    @Test(arguments: [
        ("B=x\nA=${B}", "x"), ("B=x\nA=\"<${B}>\"", "<x>"), ("B=x\nA=a${B}b${B}", "axbx"), ("B=x\nA=${B}${C}", "x${C}"),
        ("B=x\nC=${B}y\nA=${C}z", "xyz"), ("A=${B}\nB=x", "${B}"), ("B=\nA=<${B}>", "<>"),
        ("B='${C}'\nC=x\nA=${B}", "${C}"),
    ])
    func namesInBracesStandForWhatWasSetBefore(text: String, value: String) throws {
        #expect(try values(text)["A"] == value)
    }

    @Test func commentsAndEmptyLinesAreNothing() throws {
        #expect(try values("# A=b\n\n   \n  # C=d\nexport\nNAME_ALONE\nX=1\n") == ["X": "1"])
        #expect(try values("") == [:])
    }

    @Test(arguments: [
        ("A=two words", 1), ("X=1\nA=\"open", 2), ("A='open", 1), ("A=\"b\" c", 1), ("A='b'c", 1), ("\nA=\"\\q\"", 2), ("A B=c", 1),
        ("A-B=c", 1), ("=c", 1), ("A=\"\\", 1),
    ])
    func whatPHPRefusesIsRefused(text: String, line: Int) {
        #expect { try EnvironmentFile(text) } throws: { ($0 as? EnvironmentFile.Failure)?.line == line }
    }

    @Test func failuresNeverTellTheValue() {
        #expect { try EnvironmentFile("DB_PASSWORD=top secret") } throws: { error in
            guard let failure = error as? EnvironmentFile.Failure else { return false }
            return !failure.why.contains("secret") && !failure.why.contains("top")
        }
    }

    @Test func specialWordsAreLaravels() throws {
        let file = try EnvironmentFile("A=null\nB=(null)\nC=empty\nD=(EMPTY)\nE=True\nF=(false)\nG=\"null\"\nH=nullable")
        #expect(file["A"] == nil && file["B"] == nil && file["G"] == nil && file["MISSING"] == nil)
        #expect(file["C"] == "" && file["D"] == "")
        #expect(file["E"] == "true" && file["F"] == "false" && file["H"] == "nullable")
    }
}
