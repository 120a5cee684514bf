import Foundation
import Testing

@testable import SQL

@Suite struct ServerLoginTests {
    @Test func noWayOfPrintingShowsAPassword() throws {
        var server = ServerLogin(port: 1, database: "d", user: "u", password: SQLPassword("secret"))
        server.apply(try #require(SQLServerAddress("mysql://x:secret%21@h/d")))
        var dumped = ""
        dump(server, to: &dumped)
        for text in ["\(server)", String(reflecting: server), server.name, "\(server.password)", dumped] {
            #expect(!text.contains("secret"), "\(text)")
        }
        #expect(server.password.text == "secret!")
    }

    @Test(arguments: [
        ("mysql://u:p%40@db.example:3307/site", "site on db.example:3307", "u", "p@"),
        ("pgsql://u@[::1]:5433/site", "site on ::1:5433", "u", "kept"),
        ("postgres://db.example", "old on db.example:1", "me", "kept"),
        ("mariadb://127.0.0.1/site?unix_socket=/run/x.sock", "site on /run/x.sock", "me", "kept"),
    ])
    func anAddressSaysWhatItSays(text: String, name: String, user: String, password: String) throws {
        var server = ServerLogin(host: "nowhere", port: 1, database: "old", user: "me", password: SQLPassword("kept"))
        server.apply(try #require(SQLServerAddress(text)))
        #expect(server.name == name && server.user == user && server.password.text == password)
    }

    @Test func optionsAreLaravels() throws {
        var server = ServerLogin(port: 1, database: "", user: "")
        server.apply(try #require(SQLServerAddress("pgsql://h/d?sslmode=verify-full&search_path=site")))
        #expect(server.encryption == .host(authority: nil) && server.searchPath == "site")
        #expect(SQLServerAddress("sqlite:////srv/a%20b.sqlite?x=1")?.database == "/srv/a b.sqlite")
        #expect(SQLServerAddress("sqlite:///a.sqlite")?.database == "a.sqlite")
        for text in ["", "mysql", "oracle://h/d", "://", "sqlite://x"] { #expect(SQLServerAddress(text) == nil, "\(text)") }
    }
}

/// What the servers say in words, without them.
@Suite struct SQLFailureTests {
    @Test(arguments: [
        (1062, "Duplicate entry 'a' for key 'b' for key 'name'", "Duplicate entry for key 'name'"),
        (1366, "Incorrect integer value: 'x' for column `d`.`t`.`c` at row 1", "Incorrect integer value for column `d`.`t`.`c` at row 1"),
        (1292, "Truncated incorrect DOUBLE value: 'x'", "Truncated incorrect DOUBLE value:"),
        (1264, "Out of range value for column 'small' at row 1", "Out of range value for column 'small' at row 1"),
        (1146, "Table 'd.t' doesn't exist", "Table 'd.t' doesn't exist"),
    ] as [(UInt32, String, String)])
    func mariaDBsValuesAreLeftOut(number: UInt32, text: String, expected: String) {
        #expect(MariaDBFailure.message(text, number) == expected)
    }

    @Test(arguments: [
        ("connection to server at \"h\", port 1 failed: FATAL:  28P01: password authentication failed for user \"u\"\nLOCATION:  x, y.c:1", SQLError.Code.denied),
        ("connection to server at \"h\", port 1 failed: FATAL:  3D000: Datenbank „x“ existiert nicht", .missing),
        ("connection to server at \"h\" (::1), port 1 failed: Connection refused\nIs it running?\nconnection to server at \"h\" (127.0.0.1), port 1 failed: FATAL:  57P03: the database system is starting up", .gone),
        ("connection to server at \"h\", port 1 failed: FATAL:  53300: sorry, too many clients already", .busy),
        ("connection to server at \"h\", port 1 failed: Connection refused", .gone),
        ("could not translate host name \"h\" to address: Name or service not known", .gone),
        ("connection to server at \"h\", port 1 failed: SSL error: certificate verify failed", .denied),
        ("", .gone),
    ])
    func refusedConnectionsAreToldApart(text: String, code: SQLError.Code) {
        let error = PostgreSQLFailure.connection(text)
        #expect(error.code == code)
        #expect(!error.message.isEmpty && !error.message.contains("\n"))
    }
}
