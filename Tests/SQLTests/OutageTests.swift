import Foundation
import SiteFixture
import Testing

@testable import SQL

/// Servers that go away, and come back. Each has one of its own.
@Suite(.timeLimit(.minutes(10)), .serialized) struct OutageTests {
    @Test(arguments: TestDatabase.servers)
    func aServerThatCameBackIsUsedAgain(dialect: SQLDialect) async throws {
        try await PrivateServer.run(dialect) { machine in
            let database = try TestDatabase.connect(dialect, machine.server)
            try await database.define("CREATE TABLE things (id BIGINT PRIMARY KEY)")
            try await database.write { try $0.execute("INSERT INTO things VALUES (1)") }
            try await machine.stop()
            for _ in 0..<20 { #expect(await code { try await database.read { try $0.query("SELECT * FROM things") } } == .gone) }
            try await machine.start()
            // Early calls are refused without asking, until the pause after the last failure is over.
            var refusals: [SQLError.Code?] = []
            while true {
                let code = await code { try await database.write { try $0.execute("INSERT INTO things VALUES (2)") } }
                guard let code else { break }
                refusals.append(code)
            }
            #expect(refusals.allSatisfy { $0 == .gone })
            #expect(try await database.read { try $0.query("SELECT * FROM things") }.count == 2)
            await database.close()
        }
    }

    /// It keeps its connections, and says nothing: nobody waits for ever.
    @Test(arguments: TestDatabase.servers)
    func aServerThatIsSilentIsGone(dialect: SQLDialect) async throws {
        try await PrivateServer.run(dialect) { machine in
            var timeouts = SQLTimeouts()
            timeouts.statements = .seconds(2)
            timeouts.slack = .milliseconds(500)
            timeouts.connecting = .seconds(5)
            let database = try TestDatabase.connect(dialect, machine.server, timeouts: timeouts, connections: 1)
            let (held, hold) = AsyncStream.makeStream(of: Void.self)
            let frozen = Gate()
            async let victim = code {
                try await database.read { session in
                    _ = try session.query("SELECT 1")
                    hold.finish()
                    frozen.pass()
                    _ = try session.query("SELECT 2")
                }
            }
            for await _ in held {}
            try machine.send(SIGSTOP)
            frozen.open()
            #expect(await victim == .gone)
            #expect(await code { try await database.read { try $0.query("SELECT 1") } } == .gone)
            await database.close()
        }
    }

    /// One that cannot encrypt is used all the same where that is only preferred.
    @Test(arguments: TestDatabase.servers)
    func aPlainServerIsRefusedWhereEncryptionIsDemanded(dialect: SQLDialect) async throws {
        let authority = try #require(TestDatabase.authority())
        try await PrivateServer.run(dialect, isPlain: true) { machine in
            for (encryption, expected) in [
                (SQLEncryption.off, nil), (.preferred, nil), (.required, SQLError.Code.denied),
                (.authority(authority), .denied), (.host(authority: authority), .denied),
            ] {
                var server = try machine.server
                server.encryption = encryption
                let database = TestDatabase.connect(dialect, server)
                #expect(await code { try await database.read { try $0.query("SELECT 1") } } == expected, "\(encryption)")
                await database.close()
            }
        }
    }
}

extension PrivateServer {
    /// By TCP.
    var server: ServerLogin {
        get throws { TestDatabase.server(try #require(SQLServerAddress(address))) }
    }
}
