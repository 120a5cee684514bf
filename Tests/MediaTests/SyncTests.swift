import Foundation
import MediaWire
import Testing

@Suite struct SyncTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var file: String
        var clip = SyncClip.short
        /// How the picture (0) and the sound (1) become a file; nil: `make` does it.
        var encoding: String
        /// Where the moments are in the output, if not where they were drawn.
        var moments: [Double]?
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "a minute, both encoded", file: "s.mkv", clip: .minute, encoding: "\(mpeg4) -c:a pcm_s16le"),
        Case(name: "a minute at 29.97, MP3 in AVI", file: "s.avi", clip: minute("30000/1001"), encoding: "\(mpeg4) -c:a libmp3lame"),
        Case(name: "a minute, picture copied, PCM encoded", file: "s.mov", clip: .minute, encoding: "\(Lavfi.h264) -c:a pcm_s16le"),
        Case(name: "a minute, sound copied, HEVC encoded", file: "s.mp4", clip: .minute, encoding: "\(hevc) \(Lavfi.aac)"),
        Case(name: "a minute, both copied out of MKV", file: "s.mkv", clip: .minute, encoding: "\(Lavfi.h264) \(Lavfi.aac)"),
        Case(name: "Opus and VP8 in WebM", file: "s.webm", encoding: "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus"),
        Case(name: "MPEG-TS", file: "s.ts", encoding: "-c:v mpeg2video -q:v 3 -c:a mp2"),
        Case(name: "MPEG-TS, copied", file: "s.ts", encoding: "\(Lavfi.h264) \(Lavfi.aac)"),
        Case(name: "MPEG-PS", file: "s.mpg", encoding: "-c:v mpeg2video -q:v 3 -c:a mp2"),
        Case(name: "FLV", file: "s.flv", encoding: "\(Lavfi.h264) -c:a libmp3lame"),
        Case(name: "ASF", file: "s.wmv", encoding: "-c:v wmv2 -q:v 3 -c:a wmav2"),
        // Noise: the newer encoders write wrong times for pictures that are like the one before.
        Case(name: "Ogg", file: "s.ogv", encoding: "-vf noise=alls=8:allf=t -c:v libtheora -q:v 7 -c:a libvorbis"),
        Case(name: "22.05 kHz", file: "s.mkv", clip: SyncClip(moments: [1, 3, 5], seconds: 6, soundRate: 22_050), encoding: "\(mpeg4) -c:a flac"),
    ]

    static let mpeg4 = "-c:v mpeg4 -q:v 3"
    static let hevc = "-c:v libx265 -preset ultrafast -x265-params log-level=error"

    static func minute(_ rate: String) -> SyncClip { SyncClip(moments: [1, 30, 58], seconds: 60, rate: rate) }

    @Test(arguments: cases) func flashAndBeepStayTogether(_ test: Case) throws {
        let source = try GeneratedMedia.make(test.file, "\(test.clip.inputs) -map 0:v -map 1:a \(test.encoding)")
        try Self.expectTogether(source, moments: test.moments ?? test.clip.moments)
    }

    /// One stream begins later than the other; a beep is drawn so much earlier in it.
    @Test(arguments: ["o.mkv", "o.mp4", "o.ts"], [0.7, -0.4])
    func streamsThatStartApart(_ file: String, _ soundStart: Double) throws {
        for isCopied in [false, true] {
            let picture = SyncClip(moments: [1, 3, 5].map { $0 - max(0, -soundStart) }, seconds: 6)
            let sound = SyncClip(moments: [1, 3, 5].map { $0 - max(0, soundStart) }, seconds: 6)
            let encoding = isCopied ? "\(Lavfi.h264) \(Lavfi.aac)" : "-c:v mpeg4 -q:v 3 -c:a mp3"
            let source = try GeneratedMedia.make(
                file,
                "-itsoffset \(max(0, -soundStart)) \(picture.picture) -itsoffset \(max(0, soundStart)) \(sound.sound) -map 0:v -map 1:a \(encoding)")
            // The clock starts with the stream that is first, as it does in players.
            try Self.expectTogether(source, moments: [1, 3, 5])
        }
    }

    /// A phone's trimmed film: an edit list hides the beginning, back to the keyframe.
    @Test(arguments: [true, false]) func editListHidesTheBeginning(isCopied: Bool) throws {
        let codecs = isCopied ? "\(Lavfi.h264) \(Lavfi.aac)" : "\(Self.hevc) \(Lavfi.aac)"
        let whole = try GeneratedMedia.make("whole.mp4", "\(SyncClip.short.inputs) -map 0:v -map 1:a \(codecs)")
        let source = try GeneratedMedia.make("trimmed.mp4", "-ss 0.7 -i @0 -map 0 -c copy", from: whole)
        let run = try Self.expectTogether(source, moments: [0.3, 2.3, 4.3])
        // Nothing that was trimmed away is seen.
        #expect(abs(Double(run.outcome?.duration ?? 0) / 1e6 - 5.3) < 0.06)
        #expect(try ProbedFile(run.output).duration < 5.4)
    }

    /// Sound that is missing for two seconds does not pull what follows forward.
    @Test(arguments: [("g.mkv", "\(mpeg4) -c:a pcm_s16le"), ("g.mkv", "\(Lavfi.h264) \(Lavfi.aac)"), ("g.ts", "-c:v mpeg2video -c:a mp2"), ("g.mkv", "\(mpeg4) -c:a libopus")])
    func gapInTheSound(_ file: String, _ encoding: String) throws {
        let whole = try GeneratedMedia.make("whole.mkv", "\(SyncClip.short.inputs) -map 0:v -map 1:a \(encoding)")
        let source = try GeneratedMedia.make(
            file, "-i @0 -map 0 -c copy -bsf:a noise=amount=0:drop='between(pts*tb\\,1.6\\,2.6)'", from: whole)
        try Self.expectTogether(source, moments: [1, 3, 5])
    }

    /// A picture that stands still for two seconds, because its packets are missing, does not either.
    @Test func gapInThePicture() throws {
        let whole = try GeneratedMedia.make(
            "whole.mkv", "\(SyncClip.short.inputs) -map 0:v -map 1:a -c:v mpeg4 -g 1 -q:v 3 -c:a pcm_s16le")
        let source = try GeneratedMedia.make(
            "g.mkv", "-i @0 -map 0 -c copy -bsf:v noise=amount=0:drop='between(pts*tb\\,1.6\\,2.6)'", from: whole)
        try Self.expectTogether(source, moments: [1, 3, 5])
    }

    /// Fifty pictures a second of uneven distance.
    @Test func variableFrameRate() throws {
        let clip = SyncClip.short
        let source = try GeneratedMedia.make(
            "v.mkv", "\(clip.inputs) -map 0:v -map 1:a -vf select='not(eq(mod(n\\,5)\\,2))+between(t\\,0.9\\,1.3)+between(t\\,2.9\\,3.3)+between(t\\,4.9\\,5.3)' -fps_mode passthrough -c:v mpeg4 -q:v 3 -c:a aac")
        try Self.expectTogether(source, moments: clip.moments)
    }

    @discardableResult
    static func expectTogether(
        _ source: URL, moments: [Double], location: SourceLocation = #_sourceLocation
    ) throws -> MediaRun {
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))", sourceLocation: location)
        // Some containers cannot say exactly when a sound begins: the output must show what the source does.
        let before = try SyncClip.read(source, near: moments), after = try SyncClip.read(run.output, near: moments)
        for (index, moment) in moments.enumerated() {
            let wanted = (try #require(before[index].flash), try #require(before[index].beep))
            let flash = try #require(after[index].flash, "no flash near \(moment)", sourceLocation: location)
            let beep = try #require(after[index].beep, "no beep near \(moment)", sourceLocation: location)
            #expect(
                abs((flash - beep) - (wanted.0 - wanted.1)) <= 0.020,
                "apart at \(moment): flash \(flash), beep \(beep); in the source \(wanted)", sourceLocation: location)
            #expect(abs(flash - wanted.0) <= 0.020, "flash at \(flash), not \(wanted.0)", sourceLocation: location)
            #expect(abs(wanted.0 - wanted.1) <= 0.060, "the source itself is apart: \(wanted)", sourceLocation: location)
        }
        return run
    }
}
