import Foundation
import SiteFixture
import Testing

@testable import SQL

/// PostgreSQL's notifications.
@Suite(.timeLimit(.minutes(10)), .serialized, .enabled(if: TestDatabase.servers.contains(.postgresql)))
struct ListeningTests {
    private func postgresql(_ database: any SQLDatabase) throws -> PostgreSQLDatabase {
        try #require(database as? PostgreSQLDatabase)
    }

    @Test(arguments: ["transcoder_fs_files", "Upper and \"quoted\" 'é'"])
    func aNotificationIsHeardOnItsChannel(channel: String) async throws {
        let test = try await TestDatabase(.postgresql)
        let database = try postgresql(try test.connect())
        var signals = database.notifications(on: channel).makeAsyncIterator()
        #expect(await signals.next() != nil, "the connection stands")
        for _ in 0..<3 {
            try await database.write { try $0.query("SELECT pg_notify(\(channel), '')") }
            #expect(await signals.next() != nil)
        }
        await database.close()
    }

    @Test func theConnectionGoesWithItsConsumer() async throws {
        let test = try await TestDatabase(.postgresql)
        let database = try postgresql(try test.connect())
        let consumer = Task { for await _ in database.notifications(on: "here") {} }
        func listeners() async throws -> Int64? {
            let sql: Query = "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            return try await database.read { try $0.query(sql).first?.int("n") }
        }
        while try await listeners() != 1 {}
        consumer.cancel()
        await consumer.value
        while try await listeners() != 0 {}
        await database.close()
    }

    /// What was told meanwhile went unheard, so the new connection counts as told.
    @Test func aCutConnectionIsMadeAnewAndTold() async throws {
        let test = try await TestDatabase(.postgresql)
        let database = try postgresql(try test.connect())
        var signals = database.notifications(on: "here").makeAsyncIterator()
        #expect(await signals.next() != nil)
        let cut: Query = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'
            """
        #expect(try await database.read { try $0.query(cut) }.count == 1)
        #expect(await signals.next() != nil)
        try await database.write { try $0.query("SELECT pg_notify('here', '')") }
        #expect(await signals.next() != nil)
        await database.close()
    }

    @Test func aServerThatCameBackIsHeardAgain() async throws {
        try await PrivateServer.run(.postgresql) { machine in
            let database = try postgresql(TestDatabase.connect(.postgresql, machine.server))
            var signals = database.notifications(on: "here").makeAsyncIterator()
            #expect(await signals.next() != nil)
            try await machine.stop()
            try await machine.start()
            #expect(await signals.next() != nil)
            await database.close()
        }
    }
}
