import Foundation
import SQL
import SiteFixture
import Testing

/// `transcoder run`: one file by hand.
@Suite(.serialized)
struct RunTests {
    @Test func onceThenDoneAlreadyThenAgainByForce() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("clip.flv").file
            let first = try await place.run("run", "--id", "\(file.id)")
            #expect(first.status == 0, "\(first.errors)")
            try await place.expectAllInOrder()
            let done = try await place.site.file(file.id)
            #expect(done.path != file.path && done.originalPath == file.path)

            let second = try await place.run("run", "--id", "\(file.id)")
            #expect(second.status == 0)
            #expect((second.output + second.errors).contains("already"), "\(second.output)\(second.errors)")
            #expect(try await place.site.file(file.id) == done)

            let forced = try await place.run("run", "--fid", file.fid, "--force")
            #expect(forced.status == 0, "\(forced.errors)")
            let again = try await place.site.file(file.id)
            #expect(again.path != done.path)
            #expect(again.originalPath == file.path, "the original is never replaced")
            try await place.expectAllInOrder()
        }
    }

    @Test func theFilesOfAPost() async throws {
        try await Workplace.use { place in
            let (first, post) = try await place.publish("old-phone.3gp")
            let second = try await place.site.upload(Built.media + "/tune.mp3")
            try await place.site.expect(.done, of: second)
            try await place.site.attach(second, to: .post, post)
            let other = try await place.publish("hello.wav").file

            let result = try await place.run("run", "--table", "posts", "--primary-id", "\(post)")
            #expect(result.status == 0, "\(result.errors)")
            for file in [first, second] { #expect(try await place.site.file(file.id).state == 3) }
            #expect(try await place.site.file(other.id).state == 1)
        }
    }

    @Test func theFileOfAMessage() async throws {
        try await Workplace.use { place in
            let (file, message) = try await place.publish("hello.wav", as: .message)
            let result = try await place.run("run", "--table", "conversation_messages", "--primary-id", "\(message)")
            #expect(result.status == 0, "\(result.errors)")
            #expect(try await place.site.file(file.id).state == 3)
        }
    }

    @Test(arguments: Decoy.all(.v3))
    func refusesWhatIsNotItsBusiness(_ decoy: Decoy) async throws {
        try await Workplace.use { place in
            let file = try await place.site.place(decoy, media: Built.media + "/old-phone.3gp")
            let result = try await place.run("run", "--id", "\(file.id)")
            #expect(result.status == 1)
            #expect(!result.errors.isEmpty)
            try await place.expectAllInOrder()
        }
    }

    @Test func interruptedItGivesTheFileBack() async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        try await Workplace.use { place in
            let file = try await place.publish(film).file
            let program = try Program(Built.transcoder, ["run", "--id", "\(file.id)", "--config", place.config])
            try await until("its work file is there") { !place.site.hiddenFiles().isEmpty }
            program.signal(SIGINT)
            let result = await program.result()
            #expect(result.status == -SIGINT && result.errors.hasSuffix("Interrupted.\n"), "\(result.status) \(result.errors)")
            #expect(try await place.site.file(file.id).state == 1)
            #expect(place.site.hiddenFiles().isEmpty)
        }
    }

    @Test func aBadFileEndsWithItsReason() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("bad/text.mp4", expect: .failed, codes: ["not-media"]).file
            let result = try await place.run("run", "--id", "\(file.id)")
            #expect(result.status == 1)
            let reason = try #require(try await place.site.file(file.id).reason)
            #expect(result.errors.contains(reason), "\(result.errors)")
            try await place.expectAllInOrder()
        }
    }

    /// The reason is the row's, in the site's language.
    @Test func itSpeaksTheSitesLanguage() async throws {
        try await Workplace.use { place in
            let configs = place.site.table("configs")
            try await place.site.database.write { session in
                _ = try session.execute("delete from \(configs) where item_key = 'default_language'")
                _ = try session.execute("insert into \(configs) (item_key, item_value, item_type) values ('default_language', 'zh-Hans', 'string')")
            }
            let file = try await place.publish("bad/text.mp4", expect: .failed).file
            let result = try await place.run("run", "--id", "\(file.id)")
            let reason = try #require(try await place.site.file(file.id).reason)
            #expect(reason == "该文件是文本，不是音频或视频。")
            #expect(result.status == 1 && result.errors == "File \(file.id) (\(file.fid)) failed: \(reason)\n", "\(result.errors)")
        }
    }

    @Test func anUnknownFile() async throws {
        try await Workplace.use { place in
            let result = try await place.run("run", "--id", "4711")
            #expect([1, 2].contains(result.status))
            #expect(result.errors.contains("4711"), "\(result.errors)")
        }
    }

    /// On a terminal, and only there, progress is drawn.
    @Test func progressIsDrawnOnATerminal() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use { place in
            let file = try await place.publish(film).file
            let command = "'\(Built.transcoder)' run --config '\(place.config)' --id \(file.id)"
            let terminal = try await Program.run("script", ["-qec", command, "/dev/null"])
            #expect(terminal.status == 0, "\(terminal.output)\(terminal.errors)")
            #expect(terminal.output.contains("%"), "\(terminal.output)")
            let piped = try await place.run("run", "--id", "\(file.id)", "--force")
            #expect(piped.status == 0)
            #expect(!piped.errors.contains("\r"))
        }
    }
}
