import Foundation
import SiteFixture
import Testing

/// `probe`, `plan`, `convert` need no site; `info` tells what Fresns' API would.
@Suite(.serialized)
struct PlainFileTests {
    @Test func probeNamesStreams() async throws {
        let result = try await transcoder("probe", Built.media + "/phone-rotated.mp4", "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("h264") && result.output.contains("aac"), "\(result.output)")
        let people = try await transcoder("probe", Built.media + "/phone-rotated.mp4")
        #expect(people.status == 0 && people.output.contains("h264"), "\(people.output)")
    }

    @Test func planSaysWhy() async throws {
        let result = try await transcoder("plan", Built.media + "/clip.webm", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        #expect(object is [String: Any])
        #expect(result.output.contains("vp9") || result.output.contains("VP9"), "\(result.output)")
    }

    @Test func convertWritesExactlyTheNameGiven() async throws {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false).dropSlash + "/transcoder-e2e-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let output = folder + "/film.bin", poster = folder + "/still.jpg"

        let result = try await transcoder(
            "convert", Built.media + "/iphone-location.mov", "-o", output, "--poster", poster)
        #expect(result.status == 0, "\(result.errors)")
        let facts = try await MediaFacts.read(output)
        #expect(facts.picture?.codec == "h264" && facts.sound?.codec == "aac" && facts.container.contains("mp4"))
        #expect(facts.otherStreams.isEmpty)
        #expect(!facts.tags.contains { $0.contains("location") || $0.contains("apple") }, "\(facts.tags)")
        #expect(try await MediaFacts.complaints(output) == "")
        #expect(try await MediaFacts.read(poster).picture?.codec == "mjpeg")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)

        let again = try await transcoder("convert", Built.media + "/clip.flv", "-o", output)
        #expect(again.status == 2, "an existing file is not overwritten: \(again.errors)")
        #expect(try await transcoder("convert", Built.media + "/clip.flv", "-o", output, "--force").status == 0)
        let nowhere = try await transcoder("convert", Built.media + "/clip.flv", "-o", folder + "/nowhere/film.mp4")
        #expect(nowhere.status == 2 && nowhere.errors.contains("There is no folder"), "\(nowhere.errors)")
    }

    /// A shell ends its loop only if the program ends as the signal would have ended it.
    @Test(arguments: [SIGINT, SIGTERM, SIGQUIT]) func convertEndsAsTheSignalDoes(signal: Int32) async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false).dropSlash + "/transcoder-e2e-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = try Program(Built.transcoder, ["convert", film, "-o", folder + "/film.mp4"])
        try await until("its work file is there") { program.has(open: folder) }
        program.signal(signal)
        let result = await program.result()
        #expect(result.status == -signal && result.errors == (signal == SIGINT ? "Interrupted.\n" : ""), "\(result.status) \(result.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    /// What was filmed exists once.
    @Test(arguments: ["film.mp4", "./film.mp4", "link.mp4"]) func convertNeverOverwritesItsInput(name: String) async throws {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false).dropSlash + "/transcoder-e2e-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let source = folder + "/film.mp4"
        try FileManager.default.copyItem(atPath: Built.media + "/phone-rotated.mp4", toPath: source)
        try FileManager.default.createSymbolicLink(atPath: folder + "/link.mp4", withDestinationPath: source)
        for words in [["-o", folder + "/" + name], ["-o", folder + "/other.mp4", "--poster", folder + "/" + name]] {
            let result = try await Program.run(Built.transcoder, ["convert", source, "--force"] + words)
            #expect(result.status == 2 && result.errors.contains("is the file to convert"), "\(result.errors)")
        }
        #expect(FileManager.default.contentsEqual(atPath: source, andPath: Built.media + "/phone-rotated.mp4"))
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder)) == ["film.mp4", "link.mp4"])
    }

    /// However the name is spelt: one of the two would replace the other.
    @Test func theOutputAndThePosterAreTwoFiles() async throws {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false).dropSlash + "/transcoder-e2e-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createSymbolicLink(atPath: folder + "/here", withDestinationPath: ".")
        for (poster, words) in [("/./film.mp4", []), ("/here/film.mp4", []), ("/here/./film.mp4", ["--force"])] {
            let result = try await Program.run(
                Built.transcoder,
                ["convert", Built.media + "/phone-rotated.mp4", "-o", folder + "/film.mp4", "--poster", folder + poster] + words)
            #expect(result.status == 2 && result.errors.contains("need different names"), "\(poster): \(result.errors)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["here"])
    }

    @Test func convertTellsWhatItDid() async throws {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false).dropSlash + "/transcoder-e2e-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let source = Built.media + "/phone-rotated.mp4"
        let result = try await transcoder("convert", source, "-o", folder + "/film.webm")
        let size = try #require(FileManager.default.attributesOfItem(atPath: source)[.size] as? Int)
        #expect(result.output.contains("\(Double((size + 50) / 100) / 10) kB → ") && result.output.contains("×)\n  stream 0: "), "\(result.output)")
        #expect(result.errors.contains("holds MP4"), "\(result.errors)")
        let json = try await transcoder("convert", source, "-o", folder + "/film.mp4", "--json")
        #expect(json.output.contains(#""source_size" : \#(size)"#) && json.output.contains(#""speed" : "#) && json.errors == "", "\(json.output)")
    }

    @Test func convertRefusesWhatIsNoMedia() async throws {
        let output = FileManager.default.temporaryDirectory.path(percentEncoded: false).dropSlash + "/transcoder-e2e-\(UUID()).mp4"
        let result = try await transcoder("convert", Built.media + "/bad/text.mp4", "-o", output)
        #expect(result.status == 1, "\(result.errors)")
        #expect(!result.errors.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: output))
    }

    @Test func infoIsShapedLikeTheAPI() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("clip.flv").file
            try await place.untilIdle()
            let result = try await place.run("info", "--fid", file.fid, "--json")
            #expect(result.status == 0, "\(result.errors)")
            let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            let information = try #require(object)
            let row = try await place.site.file(file.id)
            #expect(information["fid"] as? String == file.fid)
            #expect(information["transcodingState"] as? Int == 3)
            #expect(information["videoUrl"] as? String == "https://demo.example/storage/" + row.path)
            #expect(information["videoPosterUrl"] as? String == "https://demo.example/storage/" + (row.posterPath ?? ""))
        }
    }

    private func transcoder(_ arguments: String...) async throws -> Program.Result {
        try await Program.run(Built.transcoder, arguments)
    }
}
