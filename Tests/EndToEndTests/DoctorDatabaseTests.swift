import Foundation
import SQL
import SiteFixture
import Testing

/// What `transcoder doctor` says of a server's database, and a user of the daemon's own there.
@Suite(.serialized)
struct DoctorDatabaseTests {
    @Test(.enabled(if: Workplace.servers.contains(.postgresql)))
    func theTriggersThatWakeUs() async throws {
        try await Workplace.use(.postgresql) { place in
            func told(_ words: String...) async throws {
                let result = try await place.run("doctor")
                for word in words { #expect(result.output.contains(word), "“\(word)” is missing: \(result.output)") }
                // It works all the same.
                #expect(result.status == 0, "\(result.output)")
            }
            func run(_ sql: Query) async throws { try await place.site.database.define(sql) }
            let initialise = "transcoder init --site \(place.site.root)"
            try await told("! wake-up: No triggers", initialise)
            #expect(try await place.run("init", "--site", place.site.root).status == 0)
            try await told("✓ wake-up: Triggers in the database wake the daemon")
            try await run("DROP TRIGGER transcoder_wake ON \(place.site.table("file_usages"))")
            try await told("! wake-up: Triggers that wake", place.site.tableName("file_usages"), initialise)
            #expect(try await place.run("init", "--site", place.site.root).status == 0)
            let function = place.site.tableName("transcoder_wake")
            try await run("CREATE OR REPLACE FUNCTION \(sql: function)() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
            try await told("! wake-up: The triggers that wake the daemon are from another version", function, initialise)
            #expect(try await place.run("init", "--site", place.site.root).status == 0)
            try await told("✓ wake-up")
        }
    }

    /// As docs/databases.md has it. The application's user is of no use any more once the daemon has its own.
    @Test(arguments: Workplace.servers)
    func theDaemonHasAUserOfItsOwn(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            let name = "worker_" + UUID().uuidString.prefix(8).lowercased()
            let (password, path) = ("secret of 4711", place.folder + "/password")
            #expect(try await place.run("init", "--site", place.site.root).status == 0)
            let user: Query = database == .mariadb ? "'\(sql: name)'@'%'" : "\(sql: name)"
            func run(_ sql: Query) async throws { try await place.site.database.define(sql) }
            try await run(
                database == .mariadb
                    ? "CREATE USER \(user) IDENTIFIED BY '\(sql: password)'" : "CREATE ROLE \(user) LOGIN PASSWORD '\(sql: password)'")
            for (verbs, table) in [
                ("SELECT, UPDATE", "files"), ("SELECT", "file_usages"), ("SELECT", "configs"), ("SELECT", "conversation_messages"),
                ("SELECT", "posts"), ("SELECT", "comments"),
                ("SELECT, INSERT, UPDATE, DELETE", "transcoder_jobs"),
            ] { try await run("GRANT \(sql: verbs) ON \(place.site.table(table)) TO \(user)") }
            try place.site.setEnvironment("DB_USERNAME=nobody_at_all\nDB_PASSWORD=of-no-use")
            #expect(try await place.run("doctor").output.contains("✗ site"))

            try Data((password + "\n").utf8).write(to: URL(filePath: path))
            chmod(path, 0o600)
            try place.configure("database: {user: \(name), password_file: \(path)}")
            let file = try await place.publish("tune.mp3").file
            try await place.untilIdle()
            #expect(try await place.site.file(file.id).state == 3)
            try await place.expectAllInOrder()
            let well = try await place.run("doctor")
            #expect(well.status == 0 && !well.output.contains("✗"), "\(well.output)")
            #expect(!well.output.contains("lacks rights") && !well.output.contains("more rights than"), "\(well.output)")
            chmod(path, 0o644)
            #expect(try await place.run("doctor").output.contains("! database password: Every user of this machine can read or change \(path)"))

            try Data("wrong secret".utf8).write(to: URL(filePath: path))
            let wrong = try await place.run("doctor")
            #expect(wrong.status == 1 && wrong.output.contains("✗ site") && wrong.output.contains(name), "\(wrong.output)")
            try FileManager.default.removeItem(atPath: path)
            let missing = try await place.run("daemon", "--until-idle")
            #expect(missing.status == 2 && missing.errors.contains("database.password_file \(path)"), "\(missing.errors)")
            for result in [well, wrong, missing] { #expect(!(result.output + result.errors).contains("secret")) }
            // By the environment alone.
            try place.configure()
            let variables = ["TRANSCODER_DATABASE_USER": name, "TRANSCODER_DATABASE_PASSWORD": password]
            let jobs = try await Program.run(Built.transcoder, ["jobs", "--config", place.config], environment: variables)
            #expect(jobs.status == 0, "\(jobs.errors)")
            try await run(database == .mariadb ? "DROP USER \(user)" : "DROP OWNED BY \(user)")
            if database == .postgresql { try await run("DROP ROLE \(user)") }
        }
    }

    @Test func aUserOfSQLiteIsRefused() async throws {
        try await Workplace.use(configuration: "database: {user: worker}") { place in
            let result = try await place.run("doctor")
            #expect(result.status == 1 && result.output.contains("✗ site: database.user is worker"), "\(result.output)")
        }
    }
}
