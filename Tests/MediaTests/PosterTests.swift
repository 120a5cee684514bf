import Foundation
import MediaWire
import Testing

@Suite struct PosterTests {
    /// The chart for four seconds, ten pictures each, and what a filter makes of it on the way.
    static func chart(_ filter: String, _ encoding: String) throws -> URL {
        try Patches.chart.clip("poster.mkv", .bt709, "-vf \(filter),format=yuv420p \(encoding)", pictures: 40)
    }

    static let films = [
        ("begins black, fades in", "fade=in:0:25"), ("fades out early", "fade=out:8:10"),
        ("fades in and out", "fade=in:0:15,fade=out:25:12"), ("begins white", "drawbox=t=fill:c=white:enable='lt(t\\,2.5)'"),
        ("begins grey", "drawbox=t=fill:c=gray:enable='lt(t\\,2.5)'"), ("begins blue", "drawbox=t=fill:c=blue:enable='lt(t\\,2.5)'"),
        ("begins blurred", "boxblur=12:2:enable='lt(t\\,2.5)'"), ("ends black", "drawbox=t=fill:c=black:enable='gt(t\\,1)'"),
        ("is good throughout", "null"),
    ]

    /// In each film another time is the only good one; the picture is encoded, or copied with a keyframe twice a second.
    @Test(arguments: films, ["-c:v ffv1 \(ColourTests.tags("bt709", "bt709", "bt709"))", "\(Lavfi.h264) -bf 0 -crf 8 -g 5"])
    func isTheBestPicture(_ film: (String, String), _ encoding: String) throws {
        try Self.expectChart(Self.chart(film.1, encoding))
    }

    /// A copied film whose only keyframe is black, as most short films with a fade are.
    @Test(arguments: ["fade=in:0:25", "drawbox=t=fill:c=black:enable='lt(t\\,1)'"]) func keyframeAloneIsBad(_ filter: String) throws {
        try Self.expectChart(Self.chart(filter, "\(Lavfi.h264) -bf 0 -crf 8 -g 250"))
    }

    static func expectChart(_ source: URL, location: SourceLocation = #_sourceLocation) throws {
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))", sourceLocation: location)
        let poster = try DecodedVideo(run.poster, format: "yuvj444p")
        let worst = Patches.chart.worst(Patches.chart.measure(in: poster, coding: .jpeg))
        #expect(worst < 6, "ΔE \(worst)", sourceLocation: location)
        #expect(try sharpness(poster) > 18, sourceLocation: location)
    }

    /// The step from one patch to the next, over four pixels.
    static func sharpness(_ poster: DecodedVideo) throws -> Double {
        let (left, right) = (28, 34)
        let steps = [2, 3].map { row in
            abs(poster.luma(picture: 0, x: left, y: row * 32 + 8, width: 2, height: 16) - poster.luma(picture: 0, x: right, y: row * 32 + 8, width: 2, height: 16))
        }
        return steps.max() ?? 0
    }

    /// The same holds where the picture is copied and only keyframes are looked at.
    @Test(arguments: [true, false]) func beginsBlack(isCopied: Bool) throws {
        let source = try GeneratedMedia.make(
            "black.mp4", "\(Lavfi.test(seconds: 6)) -vf drawbox=t=fill:c=black:enable='lt(t\\,3)' \(isCopied ? Lavfi.h264 + " -g 25" : SyncTests.hevc)")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try DecodedVideo(run.poster, gray: true).luma(picture: 0) > 60)
    }

    /// A film that is black throughout still has a poster.
    @Test func blackThroughout() throws {
        let run = try MediaRun()(try GeneratedMedia.make("b.mkv", "-f lavfi -i color=c=black:s=64x64:r=10:d=1 -c:v ffv1"))
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try DecodedVideo(run.poster, gray: true).count == 1)
    }

    @Test func oneSinglePicture() throws {
        let run = try MediaRun()(try GeneratedMedia.make("one.mp4", "\(Lavfi.test()) -frames:v 1 -c:v libx264"), subject: .video)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.frames == 1)
        #expect(outcome.posterWidth == 160)
    }

    struct Size: CustomTestStringConvertible {
        var source: String
        var maxSide = 1280
        var poster: String
        var testDescription: String { "\(source) within \(maxSide)" }
    }

    @Test(arguments: [
        Size(source: "320x240", poster: "320x240"), Size(source: "320x240", maxSide: 160, poster: "160x120"),
        Size(source: "240x320", maxSide: 160, poster: "120x160"), Size(source: "1600x900", poster: "1280x720"),
    ])
    func longSideIsBounded(_ size: Size) throws {
        var profile = Profile()
        profile.poster.maxSide = size.maxSide
        let source = try GeneratedMedia.make("size.mp4", "\(Lavfi.test(size.source, seconds: 0.2)) -c:v mpeg4")
        let run = try MediaRun()(source, profile: profile)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect("\(outcome.posterWidth ?? 0)x\(outcome.posterHeight ?? 0)" == size.poster)
        let poster = try DecodedVideo(run.poster, gray: true)
        #expect("\(poster.width)x\(poster.height)" == size.poster)
        #expect(try ProbedFile(run.poster).video?.codec_name == "mjpeg")
        #expect(try Array(Data(contentsOf: run.poster).prefix(3)) == [0xFF, 0xD8, 0xFF])
    }

    /// `poster_at`: the picture that is shown at that time; beyond the end, the last; also where the film is copied.
    @Test(arguments: [(0.0, 0), (1.0, 25), (1.5, 37), (99.0, 74)], [false, true])
    func timeCanBeForced(_ at: (Double, Int), isCopied: Bool) throws {
        var profile = Profile()
        profile.poster.at = at.0
        let source = try GeneratedMedia.make(
            "at.mp4", "-f lavfi -i \(FrameCounter.source(rate: "25", seconds: 3)) \(isCopied ? Lavfi.h264 : "-c:v mpeg4 -q:v 2")")
        let run = try MediaRun()(source, profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let poster = try DecodedVideo(run.poster, gray: true)
        let number = try #require(FrameCounter.read(poster, picture: 0))
        #expect(abs(number - at.1) <= 1, "picture \(number)")
    }

    @Test func noPosterOfSoundForAnAudioElement() throws {
        let run = try MediaRun()(try GeneratedMedia.make("a.wav", Lavfi.tone()), subject: .audio)
        #expect(run.outcome?.posterWidth == nil)
        #expect(try Data(contentsOf: run.poster).isEmpty)
    }
}
