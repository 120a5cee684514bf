import Foundation
import SiteFixture
import Testing

/// What `transcoder doctor` says of the media program and its FFmpeg. Each mistake is made on purpose.
@Suite(.serialized)
struct DoctorProgramTests {
    private static let media = Built.folder + "/transcoder-media"

    @Test func theVersionIsNamed() async throws {
        try await Workplace.use { place in
            // “ffmpeg version 5.1.9-0+deb12u1 Copyright …”
            let words = try await Program.run("ffmpeg", ["-version"]).output.split(separator: " ")
            let result = try await place.run("doctor")
            #expect(result.output.contains("✓ media program: It starts; FFmpeg \(words[2]) has"), "\(result.output)")
        }
    }

    /// One of each kind: an encoder, a decoder, filters, a format to read and one to write.
    @Test(arguments: [
        ("libx264", "lacks libx264."), ("hevc", "lacks the decoder of hevc."), ("zscale,tonemap", "lacks the filter tonemap, the filter zscale."),
        ("matroska", "lacks the reader of matroska."), ("mp4", "lacks the writer of mp4."), ("filter_units", "lacks the packet filter filter_units."),
    ])
    func anFFmpegThatLacksSomething(_ hidden: String, _ complaint: String) async throws {
        try await Workplace.use { place in
            try useFFmpeg("FFMPEG_WITHOUT=\(hidden)", at: place)
            try await expect(place, complaint, "“ldd ", "with x264 and zimg", "apt install ffmpeg", "✓ sandbox")
        }
    }

    @Test(arguments: ["libavcodec", "libavformat", "libavutil", "libavfilter", "libswscale", "libswresample"])
    func anFFmpegThatIsOlder(_ library: String) async throws {
        try await Workplace.use { place in
            try useFFmpeg("FFMPEG_OLDER=\(library)", at: place)
            try await expect(
                place, "is older than the version that transcoder was built with: \(library) is ", " is needed.", "FFmpeg 5.1 or later", "✓ sandbox")
        }
    }

    /// Whoever is no daemon says the same.
    @Test func otherCommandsRefuseToo() async throws {
        try await Workplace.use { place in
            try useFFmpeg("FFMPEG_OLDER=libavutil", at: place)
            let file = try await place.publish("tune.mp3").file
            let run = try await place.run("run", "--id", "\(file.id)")
            #expect(run.status == 2 && run.errors.contains("libavutil is ") && run.errors.contains("“ldd "), "\(run.errors)")
            #expect(try await place.site.file(file.id).state == 1, "it is not the file's fault")
            let probe = try await place.run("probe", Built.media + "/tune.mp3")
            #expect(probe.status == 2 && probe.errors.contains("libavutil is "), "\(probe.errors)")
        }
    }

    /// As after an upgrade of the system: the libraries that it was linked to are gone.
    @Test func librariesThatAreGone() async throws {
        try await Workplace.use { place in
            var program = try Data(contentsOf: URL(filePath: Self.media))
            let name = try #require(program.range(of: Data("libavfilter.so.".utf8)))
            program.replaceSubrange(name, with: Data("libavfilter.to.".utf8))
            try useProgram(program, at: place)
            try await expect(place, "libavfilter.to.", "“ldd ", "are missing", "apt install ffmpeg")
        }
    }

    /// The media program over an FFmpeg of another kind.
    private func useFFmpeg(_ what: String, at place: Workplace) throws {
        let script = "#!/bin/sh\n\(what) LD_PRELOAD='\(Built.folder)/libffmpeg-without.so' exec '\(Self.media)' \"$@\"\n"
        try useProgram(Data(script.utf8), at: place)
    }

    private func useProgram(_ program: Data, at place: Workplace) throws {
        let path = place.folder + "/media-program"
        try program.write(to: URL(filePath: path))
        chmod(path, 0o755)
        try place.configure("media_program: \(path)")
    }

    /// The doctor says so, and the daemon does not start.
    private func expect(_ place: Workplace, _ words: String...) async throws {
        let result = try await place.run("doctor")
        #expect(result.status == 1 && result.output.contains("✗ media program"), "\(result.output)\(result.errors)")
        for word in words { #expect(result.output.contains(word), "“\(word)” is missing: \(result.output)") }
        let daemon = try await place.run("daemon", "--until-idle")
        #expect(daemon.status == 2 && daemon.errors.contains(words[0]) && daemon.errors.contains("“ldd "), "\(daemon.errors)")
    }
}
