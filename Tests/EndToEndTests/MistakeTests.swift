import Foundation
import SQL
import SiteFixture
import Testing

/// Wrong configuration: exit 2, and a sentence that names what is wrong.
@Suite(.serialized)
struct MistakeTests {
    @Test func anUnknownKey() async throws {
        try await Workplace.use { place in
            try place.configure("wrokers: 2")
            try await expectRefusal(place, naming: "wrokers")
        }
    }

    @Test func aBadValue() async throws {
        try await Workplace.use { place in
            try place.configure("workers: many")
            try await expectRefusal(place, naming: "workers")
        }
    }

    @Test func noDatabase() async throws {
        try await Workplace.use { place in
            try FileManager.default.removeItem(atPath: place.site.databasePath)
            try await expectRefusal(place, naming: "database.sqlite", mayPass: true)
            #expect(!FileManager.default.fileExists(atPath: place.site.databasePath), "none is made in its place")
        }
    }

    @Test func aDatabaseThatIsNotFresns() async throws {
        try await Workplace.use { place in
            _ = try await place.site.database.write { session in
                try session.execute("drop table \(place.site.table("file_usages"))")
            }
            try await expectRefusal(place, naming: "file_usages")
        }
    }

    @Test func aTextFileInTheDatabasesPlace() async throws {
        try await Workplace.use { place in
            try Data(String(repeating: "not a database ", count: 100).utf8)
                .write(to: URL(filePath: place.site.databasePath))
            try await expectRefusal(place, naming: "database.sqlite")
        }
    }

    @Test func noSiteThere() async throws {
        try await Workplace.use { place in
            try Data("site: \(place.folder)/nowhere\n".utf8).write(to: URL(filePath: place.config))
            try await expectRefusal(place, naming: "nowhere", mayPass: true)
        }
    }

    @Test func noConfiguration() async throws {
        let result = try await Program.run(Built.transcoder, ["daemon", "--config", "/nonexistent/transcoder.yaml"])
        #expect(result.status == 2)
        #expect(result.errors.contains("/nonexistent/transcoder.yaml"), "\(result.errors)")
    }

    /// Each ends with 2, and says what to do instead.
    @Test(arguments: [
        ("statu", "Did you mean “status”? “transcoder --help” lists all commands."),
        ("frobnicate", "Unknown command “frobnicate”. “transcoder --help”"),
        ("help frobnicate", "Unknown command “frobnicate”. “transcoder --help”"),
        ("--nope", "Unknown option '--nope'"), ("daemon extra", "See 'transcoder daemon --help'"),
        ("run", "Pass --id, --fid, or --table with --primary-id."),
        ("run --id 1 --fid x", "Pass --id, --fid, or --table"), ("run --table posts", "Pass --id, --fid, or --table"),
        ("run --id", "Missing value for '--id <id>'"), ("run --id x", "The value 'x' is invalid for '--id <id>'"),
        ("run --id 1 --id 2", "--id is given more than once; pass it once."), ("run --id=1 --id=1", "--id is given more than once; pass it once."),
        ("run --id 1 --forec", "Did you mean '--force'?"), ("run --table users --primary-id 1", "Unknown table “users”: use one of posts, comments, conversations, conversation_messages"),
        ("jobs --state lost", "running, waiting, failed, cancelled or done."), ("jobs --limit 0", "from 1 to 10000."),
        ("retry", "Pass the ids of files, or --failed."), ("retry 1 --failed", "Pass either the ids of files or --failed, not both."),
        ("retry --failed --force", "--force is for files whose ids are given."), ("retry -5", "“-5” is negative: ids and limits are positive numbers."),
        ("retry --id -5", "“-5” is negative: ids and limits are positive numbers."), ("jobs --limit -1", "“-1” is negative: ids and limits are positive numbers."),
        ("cancel 1 --folder x", "Pass either the ids of files or --folder, not both."), ("jobs 2 --failed", "Pass one of --state, --failed and the id of one file."),
        ("jobs 2 3", "Unexpected argument '3'"), ("jobs two", "The value 'two' is invalid"),
        ("cancel", "Pass the ids of files, or --folder."), ("info", "Pass the id of one file, or --fid."),
        ("jobs --failed --id 1", "Pass one of --state, --failed and the id of one file."), ("retry x", "The value 'x' is invalid"),
        ("init", "The site's folder, which contains its .env."), ("init --site /nowhere", "The site must be the folder that contains Fresns' .env."),
        ("init --site / --no-triggers --remove-triggers", "cannot be combined; leave --no-triggers out."),
        ("convert a", "Missing expected argument '--output <file>'"), ("convert a -o b -o c", "-o is given more than once; pass it once."),
        ("convert a -o b --poster b", "need different names."), ("convert a -o -", "cannot be written to standard output"),
    ])
    func wrongUsage(_ words: String, _ sentence: String) async throws {
        let result = try await Program.run(Built.transcoder, words.split(separator: " ").map(String.init))
        #expect(result.status == 2 && result.output.isEmpty, "\(words): \(result.status) \(result.output)")
        #expect(result.errors.contains(sentence), "\(words): \(result.errors)")
    }

    /// Each ends with 1: it was understood, and cannot be done.
    @Test func aFileThatThereIsNot() async throws {
        try await Workplace.use { place in
            let image = try await place.publish("bad/text.mp4", expect: .untouched).file
            _ = try await place.site.database.write { session in
                try session.execute("update \(place.site.table("files")) set type = 1 where id = \(image.id)")
            }
            let isImage = "is an image; only video and audio files are transcoded."
            for (words, sentence) in [
                ("run --id 99", "There is no file with the id 99."), ("run --fid nope", "There is no file with the fid nope."),
                ("run --table posts --primary-id 99", "No video or audio file is attached to row 99 of posts."),
                ("info --id 99", "There is no file with the id 99."), ("retry --id 99", "There is no file with the id 99."),
                ("cancel --id 99", "There is no file with the id 99."), ("run --id \(image.id)", isImage),
                ("retry --id \(image.id)", isImage), ("cancel --id \(image.id)", isImage),
                ("probe /nowhere", "There is no file “/nowhere”."), ("status", "“systemctl status transcoder” shows whether one is running"),
            ] {
                let all = words.split(separator: " ").map(String.init)
                let result = try await Program.run(Built.transcoder, [all[0], "--config", place.config] + all.dropFirst())
                #expect(result.status == 1 && result.output.isEmpty, "\(words): \(result.status) \(result.output)")
                #expect(result.errors.contains(sentence), "\(words): \(result.errors)")
            }
        }
    }

    /// - Parameter mayPass: what is not there may be away for a while: a service is started again, and a person told.
    private func expectRefusal(_ place: Workplace, naming name: String, mayPass: Bool = false) async throws {
        for command in [["daemon", "--until-idle"], ["run", "--id", "1"]] {
            let result = try await Program.run(
                Built.transcoder, [command[0], "--config", place.config] + command.dropFirst())
            #expect(result.status == (mayPass && command[0] == "daemon" ? 75 : 2), "\(command): \(result.errors)")
            #expect(result.errors.contains(name), "\(command): \(result.errors)")
            #expect(result.output.isEmpty)
        }
    }
}
