import Foundation
import SiteFixture
import Testing

/// `convert` of several files, of what cannot be read or written, and at its end.
@Suite(.serialized)
struct ConvertTests {
    private struct Line: Decodable {
        struct Failure: Decodable {
            let code: String
            let reason: String
        }
        let input: String
        let output: String?
        let failure: Failure?
    }

    private func use(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false).dropSlash + "/transcoder-e2e-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder + "/out", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private func convert(_ words: String...) async throws -> Program.Result {
        try await Program.run(Built.transcoder, ["convert"] + words)
    }

    private func names(_ folder: String) throws -> Set<String> { Set(try FileManager.default.contentsOfDirectory(atPath: folder)) }

    @Test func severalGoIntoAFolder() async throws {
        try await use { folder in
            let (film, tune, song) = (Built.media + "/clip.flv", Built.media + "/hello.wav", Built.media + "/tune.mp3")
            let (bad, out) = (Built.media + "/bad/text.mp4", folder + "/out")
            let result = try await convert(film, bad, tune, song, "/nowhere.mov", "-o", out)
            #expect(result.status == 1, "\(result.errors)")
            #expect(try names(out) == ["clip.mp4", "hello.m4a", "tune.mp3"], "one failure stops no other")
            #expect(result.output.contains("\(out)/clip.mp4: video/mp4") && result.output.contains("\(out)/hello.m4a: audio/mp4"), "\(result.output)")
            #expect(result.errors.split(separator: "\n").map(String.init) == ["\(bad): The file is text, not audio or video.", "There is no file “/nowhere.mov”."])

            // Again: what is there stays.
            let again = try await convert(film, tune, "-o", out + "/", "--json")
            #expect(again.status == 1)
            let lines = try again.output.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
            #expect(lines.map(\.input) == [film, tune] && lines.map(\.failure?.code) == ["exists", "exists"], "\(again.output)")
            let forced = try await convert(film, bad, "-o", out, "--force", "--json")
            let last = try forced.output.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
            #expect(forced.status == 1 && last.map(\.output) == [out + "/clip.mp4", nil] && last[1].failure?.code == "not-media", "\(forced.output)")
            // One alone goes into a folder, too.
            #expect(try await convert(Built.media + "/old-phone.3gp", "-o", out).status == 0)
            #expect(try names(out).contains("old-phone.mp4"))
        }
    }

    @Test func namesThatAreNone() async throws {
        try await use { folder in
            let (film, other) = (Built.media + "/clip.flv", Built.media + "/clip.webm")
            let taken = folder + "/taken.mp4"
            try Data("mine".utf8).write(to: URL(filePath: taken))
            let cases: [([String], String)] = [
                ([film, other, "-o", taken], "“\(taken)” is not a folder: several files need one."),
                ([film, other, "-o", folder + "/none"], "There is no folder “\(folder)/none”: make it first."),
                ([film, "-o", folder + "/none/"], "There is no folder “\(folder)/none/”: make it first."),
                ([film, other, "-o", folder + "/out"], "“\(film)” and “\(other)” would get the same name in “\(folder)/out”"),
                ([film, "-o", ""], "A file's name is empty."), (["", "-o", taken], "A file's name is empty."),
                ([film, other, "-o", folder + "/out", "--poster", folder + "/p.jpg"], "--poster names one file"),
                ([film, "-o", "/dev/null"], "“/dev/null” is a device, not a file."), ([film, "-o", "/dev/null", "--force"], "“/dev/null” is a device, not a file."),
                ([film, "-o", taken], "“\(taken)” already exists."), (["/dev/zero", "-o", folder + "/a.mp4"], "“/dev/zero” is a device, not a file."),
                ([folder, "-o", folder + "/a.mp4"], "“\(folder)” is a folder, not a file."),
                ([film, "-o", "-o"], "Missing value for '-o <file>'"), ([film, "-o", taken, "--output", taken], "--output is given more than once"),
            ]
            for (words, sentence) in cases {
                let result = try await Program.run(Built.transcoder, ["convert"] + words)
                #expect(result.status == 2 && result.errors.contains(sentence), "\(words): \(result.status) \(result.errors)")
            }
            #expect(try names(folder) == ["out", "taken.mp4"] && names(folder + "/out").isEmpty)
        }
    }

    /// A sentence each, for whoever is not root.
    @Test(.enabled(if: geteuid() == 0)) func whatMayNotBeReadOrWritten() async throws {
        try await use { folder in
            let (film, config) = (folder + "/film.flv", folder + "/transcoder.yaml")
            try FileManager.default.copyItem(atPath: Built.media + "/clip.flv", toPath: film)
            try Data("language: en\n".utf8).write(to: URL(filePath: config))
            for path in [film, config] { chmod(path, 0o600) }
            chmod(folder, 0o755)
            let open = Built.media + "/clip.flv"
            let cases = [
                (["convert", film, "-o", "/tmp/never.mp4"], "Permission denied for “\(film)” (open)."), (["probe", film], "Permission denied for “\(film)” (open)."),
                (["plan", film], "Permission denied for “\(film)” (open)."),
                (["convert", open, "-o", folder + "/a.mp4"], "Permission denied for “\(folder)” (openat)."),
                (["probe", open, "-c", config], "The configuration \(config) cannot be read: this user may not read it."),
                (["probe", open, "-c", folder], "The configuration \(folder) cannot be read: it is a folder."),
                (["probe", open, "-c", open], "The configuration \(open) cannot be read: it is not text in UTF-8."),
            ]
            for (words, sentence) in cases {
                let result = try await Program.run("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", Built.transcoder] + words)
                #expect(result.status == 2 && result.errors == sentence + "\n", "\(words): \(result.status) \(result.errors)")
            }
        }
    }

    @Test func jsonIsADocumentEvenWithoutAFile() async throws {
        for words in [["convert", "/nowhere.mov", "-o", "/tmp/never.mp4"], ["plan", "/nowhere.mov"], ["probe", "/nowhere.mov"]] {
            let result = try await Program.run(Built.transcoder, words + ["--json"])
            let document = try JSONDecoder().decode(Line.self, from: Data(result.output.utf8))
            #expect(result.status == 1 && document.input == "/nowhere.mov" && document.failure?.code == "missing", "\(result.output)")
            #expect(document.failure?.reason == "There is no file “/nowhere.mov”." && result.errors == "There is no file “/nowhere.mov”.\n")
        }
    }

    @Test func anInterruptionSaysSoInJSON() async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        try await use { folder in
            let program = try Program(Built.transcoder, ["convert", film, "-o", folder + "/film.mp4", "--json"])
            try await until("it works") { program.has(open: folder) }
            program.signal(SIGINT)
            let result = await program.result()
            let document = try JSONDecoder().decode(Line.self, from: Data(result.output.utf8))
            #expect(result.status == -SIGINT && document.failure?.code == "interrupted" && document.failure?.reason == "Interrupted.", "\(result.output)")
            #expect(!result.output.contains("worker") && result.errors == "Interrupted.\n")
        }
    }

    @Test func anInterruptionEndsTheOthersToo() async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        try await use { folder in
            let program = try Program(Built.transcoder, ["convert", film, Built.media + "/clip.flv", "-o", folder + "/out"])
            try await until("it works") { program.has(open: folder + "/out") }
            program.signal(SIGINT)
            let result = await program.result()
            #expect(result.status == -SIGINT && result.errors == "Interrupted.\n", "\(result.errors)")
            #expect(try names(folder + "/out").isEmpty)
        }
    }

    /// Nothing has a name before it is complete.
    @Test func aKilledOneLeavesNothing() async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        try await use { folder in
            let program = try Program(Built.transcoder, ["convert", film, "-o", folder + "/film.mp4", "--poster", folder + "/film.jpg"])
            try await until("it works") { program.has(open: folder) }
            program.signal(SIGKILL)
            #expect(await program.result().status == -SIGKILL)
            #expect(try names(folder) == ["out"])
        }
    }

    @Test func anMP3NamedAsAnMP4IsToldWhy() async throws {
        try await use { folder in
            let result = try await convert(Built.media + "/tune.mp3", "-o", folder + "/tune.m4a")
            #expect(result.status == 0 && result.output.contains("it is mp3, and the output is named as an MP4"), "\(result.output)")
            let kept = try await convert(Built.media + "/tune.mp3", "-o", folder + "/tune.mp3")
            #expect(kept.status == 0 && !kept.output.contains("named as an MP4"), "\(kept.output)")
        }
    }

    /// What it does then is said instead.
    @Test func theBarNeverStandsAtNothingLeft() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await use { folder in
            let terminal = try TerminalProgram([Built.transcoder, "convert", film, "-o", folder + "/film.mp4"], columns: 80, rows: 24)
            let end = try await terminal.end()
            #expect(end.first.contains("ended 0"), "\(terminal.output)")
            let output = terminal.output
            #expect(output.contains(" left") && !output.contains("0:00 left"), "\(output)")
            #expect(output.contains(" verifying ") || output.contains(" writing "), "\(output)")
        }
    }

    // MARK: language

    /// There is no site whose language it could be: the configuration's, or English.
    @Test func itSpeaksTheConfigurationsLanguage() async throws {
        try await use { folder in
            let config = folder + "/transcoder.yaml"
            try Data("language: zh-Hans\n".utf8).write(to: URL(filePath: config))
            let bad = Built.media + "/bad/text.mp4"
            for words in [["convert", bad, "-o", folder + "/a.mp4"], ["plan", bad], ["probe", bad]] {
                let english = try await Program.run(Built.transcoder, words, environment: ["LANG": "zh_CN.UTF-8"])
                #expect(english.errors == "The file is text, not audio or video.\n")
                let chinese = try await Program.run(Built.transcoder, words + ["-c", config])
                #expect(chinese.status == 1 && chinese.errors.contains("文件") && !chinese.errors.contains("text"), "\(chinese.errors)")
            }
        }
    }
}

extension Program {
    /// Whether it, or its child, has a file in a folder open, with or without a name.
    func has(open folder: String) -> Bool {
        let open = "/proc/\(processID)/fd"
        let targets = ((try? FileManager.default.contentsOfDirectory(atPath: open)) ?? []).compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(open)/\($0)")
        }
        return targets.contains { $0.hasPrefix(folder + "/") }
    }
}
