import Foundation
import SQL
import SiteFixture
import Testing

@testable import Site

@Suite(.timeLimit(.minutes(10)), .enabled(if: TestSite.databases.contains(.postgresql)))
struct WakeTriggersTests {
    private func site() async throws -> TestSite { try await TestSite(.init(prefix: "fs_", database: .postgresql)) }

    @Test func installingIsIdempotentAndRemovingTakesAllAway() async throws {
        let test = try await site()
        let site = test.site
        let dry = try await site.installTriggers(dryRun: true).statements
        #expect(dry.count == 5 && dry.first?.hasPrefix("CREATE OR REPLACE FUNCTION") == true)
        #expect(try await !site.hasTriggers(), "a dry run does nothing")
        #expect(try await site.installTriggers() == .done(dry))
        #expect(try await site.hasTriggers())
        #expect(try await site.installTriggers() == .done([]))
        // One that is missing, or switched off, is one that does not tell.
        try await test.run("DROP TRIGGER transcoder_wake ON {file_usages}")
        #expect(try await !site.hasTriggers())
        #expect(try await site.installTriggers().statements.count == 1)
        #expect(try await site.removeTriggers().statements.count == 5)
        #expect(try await !site.hasTriggers())
        #expect(try await site.removeTriggers() == .done([]))
        #expect(try await site.triggerState() == .absent)
        let left = try await test.run("SELECT proname FROM pg_proc WHERE proname LIKE '%transcoder%'")
        #expect(left.isEmpty)
    }

    @Test func howFarTheyAreThereIsTold() async throws {
        let test = try await site()
        let site = test.site
        #expect(try await site.triggerState() == .absent)
        _ = try await site.installTriggers()
        #expect(try await site.triggerState() == .present)
        try await test.run("ALTER TABLE {file_usages} DISABLE TRIGGER transcoder_wake")
        #expect(try await site.triggerState() == .partial(missing: ["fs_file_usages"]))
        try await test.run("ALTER TABLE {file_usages} ENABLE TRIGGER transcoder_wake")
        try await test.run("CREATE OR REPLACE FUNCTION {transcoder_wake}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        #expect(try await site.triggerState() == .foreign(function: "fs_transcoder_wake"))
        #expect(try await site.installTriggers().statements.count == 1)
        #expect(try await site.triggerState() == .present)
    }

    @Test func withoutRightsItSaysSo() async throws {
        let test = try await site()
        let role = "r" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try await test.run("CREATE ROLE \(sql: role) LOGIN PASSWORD 'secret-word'")
        try await test.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \(sql: role)")
        guard case .postgresql(var server) = test.site.settings.database else { throw NotPostgreSQL() }
        (server.user, server.password) = (role, SQLPassword("secret-word"))
        var settings = test.site.settings
        settings.database = .postgresql(server)
        let other = try await Site.open(settings)
        guard case .refused(let why) = try await other.installTriggers() else { throw NotPostgreSQL() }
        #expect(why.contains("refused access") && why.hasSuffix("."), "\(why)")
        #expect(try await !other.hasTriggers())

        // The application need not be who installed them; and where it may not even notify, its statements go through.
        _ = try await test.site.installTriggers()
        try await test.run("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_notify(text, text) FROM PUBLIC")
        let id = try await test.post().id
        let touched = try await other.database.write { session in
            try session.execute("UPDATE fs_files SET transcoding_state = 1 WHERE id = \(id)")
        }
        #expect(touched == 1)
        await other.close()
        try await test.run("DROP OWNED BY \(sql: role)")
        try await test.run("DROP ROLE \(sql: role)")
    }

    private struct NotPostgreSQL: Error {}

    /// Most messages are text: the daemon is not to be woken by every one.
    @Test func aTextMessageTellsNothing() async throws {
        let test = try await site()
        _ = try await test.site.installTriggers()
        let definition = try #require(
            try await test.run(
                """
                SELECT pg_get_triggerdef(t.oid) AS d FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
                WHERE c.relname = '{conversation_messages}' AND NOT tgisinternal
                """
            ).first?.text("d"))
        #expect(definition.contains("WHEN ((new.message_file_id IS NOT NULL))"), "\(definition)")
    }

    /// Somebody holds a table: those who write into it must not queue behind us for long.
    @Test func aTableThatIsHeldIsNotWaitedForLong() async throws {
        let test = try await site()
        let (held, hold) = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        let holder = Task {
            try await test.fixture.database.write { session in
                try session.execute("LOCK TABLE fs_files IN ROW EXCLUSIVE MODE")
                hold.finish()
                gate.wait()
            }
        }
        for await _ in held {}
        let outcome = try await test.site.installTriggers()
        gate.signal()
        _ = try await holder.value
        guard case .refused = outcome else { throw NotPostgreSQL() }
        #expect(try await !test.site.hasTriggers())
        guard case .done = try await test.site.installTriggers() else { throw NotPostgreSQL() }
    }

    @Test func aLongPrefixHasAChannel() throws {
        let schema = SiteSchema(
            prefix: String(repeating: "é", count: 60) + "'", dialect: .postgresql, files: [], usages: [], largest: [:],
            numericFlags: [], posts: [], comments: [], messagesNameFiles: false, hasConfigs: false, longestWait: 1000)
        #expect(WakeTriggers.channel(schema).utf8.count == 63)
    }
}
