import Foundation
import MediaWire
import Testing

/// What is already right is not encoded again.
@Suite struct CopyTests {
    static let film = "\(Lavfi.test(seconds: 2)) \(Lavfi.tone(seconds: 2))"

    /// The payload of each packet of one kind, as MD5.
    static func packets(_ file: URL, _ kind: String) throws -> [String] {
        // With what an encoder put in front, which an edit list hides.
        let isMovie = try Data(contentsOf: file).dropFirst(4).prefix(4) == Data("ftyp".utf8)
        let whole = isMovie ? ["-ignore_editlist", "1"] : []
        let ending = try Program.run(
            "ffmpeg", ["-v", "error"] + whole + ["-i", file.path, "-map", "0:\(kind):0", "-c", "copy", "-f", "framemd5", "-"])
        return String(decoding: ending.output, as: UTF8.self).split(separator: "\n").filter { $0.first != "#" }
            .compactMap { $0.split(separator: ",").last.map { String($0).trimmingCharacters(in: .whitespaces) } }
    }

    static func decisions(_ run: MediaRun) -> String {
        (run.plan?.decisions ?? []).map { "\($0.stream.map(String.init) ?? "file"): \($0.action) — \($0.reason)" }.joined(separator: "; ")
    }

    @Test func wholeFileThatIsRightIsKept() throws {
        let source = try GeneratedMedia.make("right.mp4", "\(Self.film) \(Lavfi.h264) \(Lavfi.aac) -movflags +faststart -fflags +bitexact")
        let run = try MediaRun()(source, subject: .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(!outcome.isRewritten, "\(Self.decisions(run))")
        #expect(try Data(contentsOf: run.output).isEmpty)
        #expect((outcome.width, outcome.height) == (160, 120))
        #expect(abs(Double(outcome.duration) / 1e6 - 2) < 0.05)
        #expect((outcome.fileExtension, outcome.mime) == ("mp4", "video/mp4"))
        #expect(outcome.posterWidth == 160)
        #expect(try DecodedVideo(run.poster, gray: true).width == 160)
        #expect(run.plan?.output == nil)
    }

    @Test func wholeSoundThatIsRightIsKept() throws {
        let source = try GeneratedMedia.make("right.m4a", "\(Lavfi.tone(seconds: 2)) \(Lavfi.aac) -movflags +faststart -fflags +bitexact")
        let run = try MediaRun()(source, subject: .audio)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(!outcome.isRewritten, "\(Self.decisions(run))")
        #expect((outcome.fileExtension, outcome.mime) == ("m4a", "audio/mp4"))
        #expect(abs(Double(outcome.duration) / 1e6 - 2) < 0.05)
    }

    /// What we made ourselves meets the profile that made it.
    @Test(arguments: [MediaSubject.video, .audio]) func ourOwnOutputIsRight(_ subject: MediaSubject) throws {
        let source = try GeneratedMedia.make("any.mkv", "\(Self.film) -c:v mpeg4 -c:a flac")
        let run = try MediaRun()(source, subject: subject)
        let made = run.folder.appending(path: subject == .video ? "made.mp4" : "made.m4a")
        try FileManager.default.copyItem(at: run.output, to: made)
        let again = try MediaRun()(made, subject: subject)
        #expect(again.outcome?.isRewritten == false, "\(Self.decisions(again))")
        #expect(again.outcome?.duration == run.outcome?.duration)
        #expect(again.outcome?.width == run.outcome?.width)
    }

    struct Case: CustomTestStringConvertible {
        var name: String
        var file: String
        var encoding: String
        var testDescription: String { name }
    }

    static let rewrapped = [
        Case(name: "index at the end", file: "c.mp4", encoding: "\(Lavfi.h264) \(Lavfi.aac)"),
        Case(name: "with a title", file: "c.mp4", encoding: "\(Lavfi.h264) \(Lavfi.aac) -movflags +faststart -metadata title=x"),
        Case(name: "with a place", file: "c.mp4", encoding: "\(Lavfi.h264) \(Lavfi.aac) -movflags +faststart -metadata location=+1+2/"),
        Case(name: "fragmented", file: "c.mp4", encoding: "\(Lavfi.h264) \(Lavfi.aac) -movflags frag_keyframe+empty_moov"),
        Case(name: "QuickTime", file: "c.mov", encoding: "\(Lavfi.h264) \(Lavfi.aac)"),
        Case(name: "Matroska", file: "c.mkv", encoding: "\(Lavfi.h264) \(Lavfi.aac)"),
        Case(name: "FLV", file: "c.flv", encoding: "\(Lavfi.h264) \(Lavfi.aac)"),
        Case(name: "B-frames and pyramids", file: "c.mkv", encoding: "\(Lavfi.h264) -bf 3 -x264opts open_gop=0:b-pyramid=2 \(Lavfi.aac)"),
        Case(name: "baseline", file: "c.mkv", encoding: "-c:v libx264 -profile:v baseline -pix_fmt yuv420p \(Lavfi.aac)"),
        Case(name: "mono at 22.05 kHz", file: "c.mkv", encoding: "\(Lavfi.h264) -c:a aac -ar 22050 -ac 1"),
    ]

    @Test(arguments: rewrapped) func streamsAreCopiedByteForByte(_ test: Case) throws {
        let source = try GeneratedMedia.make(test.file, "\(Self.film) \(test.encoding)")
        let run = try MediaRun()(source, subject: .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten)
        #expect(try ProbedFile(run.output).isPlayableEverywhere)
        #expect(try Self.packets(run.output, "v") == Self.packets(source, "v"), "\(Self.decisions(run))")
        #expect(try Self.packets(run.output, "a") == Self.packets(source, "a"), "\(Self.decisions(run))")
        // The times too.
        let (before, after) = (try DecodedVideo(source, gray: true).times, try DecodedVideo(run.output, gray: true).times)
        #expect(before.count == after.count)
        let start = min(before[0], try DecodedSound(source).start)
        #expect(zip(before, after).allSatisfy { abs($0 - start - $1) < 0.0015 })
        try expectDecodesCleanly(run.output)
    }

    /// Transport streams hold the same pictures in another wrapping: no loss, and none is encoded.
    @Test(arguments: ["c.ts", "c.m2ts"]) func transportStreamsAreCopied(_ name: String) throws {
        let source = try GeneratedMedia.make(name, "\(Self.film) \(Lavfi.h264) \(Lavfi.aac)")
        let run = try MediaRun()(source, subject: .video)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(run.plan?.decisions.contains { $0.stream == 0 && $0.action.hasPrefix("copy") } == true, "\(Self.decisions(run))")
        #expect(try ProbedFile(run.output).isPlayableEverywhere)
        try expectDecodesCleanly(run.output)
        #expect(try !Self.differs(source, run.output))
    }

    /// Whether any decoded picture differs.
    static func differs(_ one: URL, _ two: URL) throws -> Bool {
        func pictures(_ file: URL) throws -> Data {
            try Program.run("ffmpeg", ["-v", "error", "-i", file.path, "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "rawvideo", "-"]).output
        }
        return try pictures(one) != pictures(two)
    }

    /// One stream meets the profile, the other does not.
    @Test(arguments: [
        ("m.mov", "\(Lavfi.h264) -c:a pcm_s16le", "v", "a"), ("m.mkv", "\(Lavfi.h264) -c:a libopus", "v", "a"),
        ("m.mp4", "\(Lavfi.h264) -c:a libmp3lame", "v", "a"), ("m.mkv", "\(Lavfi.h264) -c:a aac -ac 6", "v", "a"),
        ("m.mp4", "\(SyncTests.hevc) \(Lavfi.aac)", "a", "v"), ("m.mkv", "-c:v mpeg4 \(Lavfi.aac)", "a", "v"),
    ])
    func oneIsCopiedAndTheOtherEncoded(_ name: String, _ encoding: String, _ copied: String, _ encoded: String) throws {
        let source = try GeneratedMedia.make(name, "\(Self.film) \(encoding)")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try ProbedFile(run.output).isPlayableEverywhere)
        #expect(try Self.packets(run.output, copied) == Self.packets(source, copied), "\(Self.decisions(run))")
        #expect(try Self.packets(run.output, encoded) != Self.packets(source, encoded))
    }

    static let notRight = [
        Case(name: "10 bits", file: "n.mp4", encoding: "-c:v libx264 -pix_fmt yuv420p10le"),
        Case(name: "4:2:2", file: "n.mp4", encoding: "-c:v libx264 -pix_fmt yuv422p"),
        Case(name: "4:4:4", file: "n.mp4", encoding: "-c:v libx264 -pix_fmt yuv444p"),
        Case(name: "interlaced", file: "n.mp4", encoding: "-vf setfield=tff -c:v libx264 -pix_fmt yuv420p -x264opts tff=1"),
        Case(name: "wide pixels", file: "n.mp4", encoding: "-vf setsar=4/3 \(Lavfi.h264)"),
        Case(name: "full range", file: "n.mp4", encoding: "-c:v libx264 -pix_fmt yuv420p -color_range pc"),
        Case(name: "PQ", file: "n.mp4", encoding: "-c:v libx264 -pix_fmt yuv420p -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc"),
        Case(name: "BT.2020", file: "n.mp4", encoding: "-c:v libx264 -pix_fmt yuv420p -color_primaries bt2020 -color_trc bt2020-10 -colorspace bt2020nc"),
        Case(name: "level 6", file: "n.mp4", encoding: "\(Lavfi.h264) -level 6.0"),
        Case(name: "too many bits", file: "n.mp4", encoding: "-c:v libx264 -pix_fmt yuv420p -qp 0 -profile:v high444 -s 320x240 -vf noise=alls=100:allf=t"),
        Case(name: "lossless", file: "n.mp4", encoding: "-c:v libx264 -pix_fmt yuv420p -qp 0"),
        Case(name: "fast", file: "n.mp4", encoding: "\(Lavfi.h264) -r 120"),
        Case(name: "odd", file: "n.mp4", encoding: "-s 161x121 -c:v libx264 -pix_fmt yuv444p"),
        Case(name: "HEVC", file: "n.mp4", encoding: SyncTests.hevc), Case(name: "MPEG-4", file: "n.mp4", encoding: "-c:v mpeg4"),
    ]

    @Test(arguments: notRight) func pictureThatIsNotRightIsEncoded(_ test: Case) throws {
        let source = try GeneratedMedia.make(test.file, "\(Lavfi.test()) \(test.encoding) -movflags +faststart -fflags +bitexact")
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.isRewritten, "\(Self.decisions(run))")
        let file = try ProbedFile(run.output)
        #expect(file.isPlayableEverywhere)
        #expect(file.video?.profile != "High 4:4:4 Predictive")
        #expect((file.video?.level ?? 99) <= 42)
        #expect(try Self.packets(run.output, "v") != Self.packets(source, "v"))
    }

    @Test func smallerProfileIsHeeded() throws {
        let source = try GeneratedMedia.make("s.mp4", "\(Self.film) \(Lavfi.h264) -c:a aac -b:a 256k -movflags +faststart -fflags +bitexact")
        var profile = Profile()
        profile.video.maxSide = 80
        #expect(try MediaRun()(source, profile: profile).outcome?.width == 80)
        profile = Profile()
        profile.audio.maxCopyBitrate = 64_000
        let run = try MediaRun()(source, profile: profile)
        #expect(try Self.packets(run.output, "v") == Self.packets(source, "v"))
        #expect(try Self.packets(run.output, "a") != Self.packets(source, "a"))
        profile = Profile()
        profile.audio.maxChannels = 1
        let stereo = try GeneratedMedia.make("s.mp4", "\(Self.film) \(Lavfi.h264) -c:a aac -ac 2")
        let mono = try MediaRun()(stereo, profile: profile)
        #expect(try ProbedFile(mono.output).audio?.channels == 1)
    }

    /// Parameters that change on the way cannot be copied into one header.
    @Test(arguments: [("160x120", "-level 3.0 -bf 0 -refs 1"), ("320x240", "")]) func changeOnTheWayIsEncoded(_ size: String, _ options: String) throws {
        let first = try GeneratedMedia.make("a.ts", "\(Lavfi.test()) \(Lavfi.h264) -muxdelay 0")
        let second = try GeneratedMedia.make("b.ts", "\(Lavfi.test(size)) \(Lavfi.h264) \(options) -muxdelay 0 -output_ts_offset 1.08")
        let both = try GeneratedMedia.write("both.ts", try Data(contentsOf: first) + Data(contentsOf: second))
        let run = try MediaRun()(both)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        try expectDecodesCleanly(run.output)
        #expect(try DecodedVideo(run.output, gray: true).count == 50)
    }
}
