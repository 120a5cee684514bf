import SQL
import SiteFixture
import Testing

/// The demo's posts, from upload to what a reader plays.
@Suite(.serialized)
struct DemoTests {
    @Test(arguments: Workplace.databases)
    func everyFileOfTheDemoBecomesWhatItShould(database: SQLDialect) async throws {
        // One upload of them never arrives.
        try await Workplace.use(database, configuration: "missing_wait: 1s") { place in
            try await DemoSite.populate(place.site, media: Built.media)
            let before = try await content(place.site)
            try await place.untilIdle()
            try await place.expectAllInOrder()
            #expect(try await content(place.site) == before, "the worker wrote to tables that are not its own")
            if database == .sqlite { try await expectRollbackJournal(place.site) }
        }
    }

    @Test(
        arguments: [
            FixtureSite.Settings(edition: .v2), .init(edition: .v2, prefix: "", timeZone: "America/New_York"),
            .init(prefix: ""),
        ]
            + Workplace.servers.flatMap { server in
                [
                    FixtureSite.Settings(edition: .v2, prefix: "", timeZone: "America/New_York", database: server),
                    .init(edition: .v2, database: server), .init(database: server),
                ]
            })
    func everyEditionAndPrefix(_ settings: FixtureSite.Settings) async throws {
        try await Workplace.use(settings) { place in
            for decoy in Decoy.all(settings.edition) {
                try await place.site.place(decoy, media: Built.media + "/old-phone.3gp")
            }
            let video = try await place.publish("clip.flv").file
            let sound = try await place.publish("tune.mp3", as: .comment).file
            _ = try await place.publish("phone-rotated.mp4", as: .message)
            _ = try await place.publish("bad/text.mp4", expect: .failed, codes: ["not-media"])
            let earliest = place.site.timestamp()
            try await place.untilIdle()
            try await place.expectAllInOrder()
            for file in [video, sound] {
                let updated = try await place.site.file(file.id).updatedAt ?? ""
                #expect(updated >= earliest && updated <= place.site.timestamp(), "updated_at in the site's time zone")
            }
        }
    }

    @Test func reasonsSayWhichBadInputItWas() async throws {
        try await Workplace.use(configuration: "missing_wait: 0s") { place in
            let bad = [
                ("bad/empty.mp4", "empty"), ("bad/text.mp4", "not-media"), ("bad/web-page.mp4", "not-media"),
                ("bad/truncated.mp4", "truncated"),
            ]
            var files: [Upload] = []
            for (media, code) in bad {
                files.append(try await place.publish(media, expect: .failed, codes: [code]).file)
            }
            let lost = try await place.site.upload(nil)
            try await place.site.expect(.failed, of: lost, codes: ["source-missing"])
            try await place.site.attach(lost, to: .post, try await place.site.write(.post))
            files.append(lost)
            // Newest first: the good one is started last.
            let good = try await place.publish("old-phone.3gp").file

            try await place.untilIdle()
            try await place.expectAllInOrder()
            #expect(try await place.site.file(good.id).state == 3)
            var reasons: Set<String> = []
            for file in files { reasons.insert(try await place.site.file(file.id).reason ?? "") }
            #expect(reasons.count >= bad.count, "each kind of bad input has words of its own: \(reasons)")
        }
    }

    /// All rows of the tables that are Fresns' and not `files`.
    private func content(_ site: FixtureSite) async throws -> [String: Int] {
        try await site.database.read { session in
            var rows: [String: Int] = [:]
            for name in [
                "file_usages", "configs", "posts", "comments", "post_logs", "comment_logs", "conversations",
                "conversation_messages",
            ] {
                rows[name] = try session.query("select * from \(site.table(name)) order by id")
                    .map { "\($0.values)" }.joined(separator: "\n").hashValue
            }
            return rows
        }
    }
}

/// Fresns on SQLite uses the rollback journal, and a worker must leave it at that.
func expectRollbackJournal(_ site: FixtureSite) async throws {
    let mode = try await site.database.read { try $0.query("pragma journal_mode").first?.values.first }
    #expect(mode == .text("delete"))
}
