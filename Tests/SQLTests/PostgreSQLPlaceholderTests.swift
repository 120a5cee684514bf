import Testing

@testable import SQL

@Suite struct PostgreSQLPlaceholderTests {
    @Test(arguments: [
        ("SELECT ?, ?", "SELECT $1, $2", 2),
        ("a = ?AND b=(?)", "a = $1AND b=($2)", 2),
        ("'?' ? '''?' ?", "'?' $1 '''?' $2", 2),
        (#""?" ? """?""#, #""?" $1 """?""#, 1),
        (#"E'\'?' ? e'\\' ? '\' ?"#, #"E'\'?' $1 e'\\' $2 '\' $3"#, 3),
        (#"code'\' ?"#, #"code'\' $1"#, 1),
        ("? -- ?\n ?", "$1 -- ?\n $2", 2),
        ("? /* ? /* ? */ ? */ ?", "$1 /* ? /* ? */ ? */ $2", 2),
        ("$$ ? $$ ? $a$ ? $$ ? $a$ ?", "$$ ? $$ $1 $a$ ? $$ ? $a$ $2", 2),
        ("a$b$ ? $b$", "a$b$ $1 $b$", 1),
        ("5 - ? / ?", "5 - $1 / $2", 2),
        ("界 '界?' ?", "界 '界?' $1", 1),
        ("'unclosed ?", "'unclosed ?", 0),
        (#"E'unclosed \"#, #"E'unclosed \"#, 0),
        ("/* unclosed ?", "/* unclosed ?", 0),
        ("$a$ unclosed ?", "$a$ unclosed ?", 0),
        ("$", "$", 0),
        ("", "", 0),
    ])
    func onlyPlaceholdersBecomeNumbers(sql: String, expected: String, count: Int) {
        let translated = PostgreSQLPlaceholders(sql)
        #expect(translated.sql == expected)
        #expect(translated.count == count)
    }
}
