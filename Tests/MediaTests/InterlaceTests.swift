import Foundation
import MediaWire
import Testing

@Suite struct InterlaceTests {
    /// A white bar runs over black, 50 times a second, woven into 25 pictures of two fields.
    /// The lines are those of television, for fewer are never interlaced.
    static let woven = "color=c=black:s=160x960:r=50:d=1.2[b];color=c=white:s=32x960:r=50:d=1.2[w];[b][w]overlay=x=3*n-20:y=0,format=yuv420p,scale=160:480,setsar=1"

    @Test(arguments: [
        ("MPEG-2, top field first", "f.ts", "tinterlace=interleave_top,setfield=tff", "-c:v mpeg2video -q:v 2 -flags +ildct+ilme -top 1"),
        ("MPEG-2, bottom field first", "f.ts", "tinterlace=interleave_bottom,setfield=bff", "-c:v mpeg2video -q:v 2 -flags +ildct+ilme -top 0"),
        ("H.264, interlaced", "f.mp4", "tinterlace=interleave_top,setfield=tff", "-c:v libx264 -qp 12 -flags +ildct+ilme -top 1"),
        ("H.264 in broadcast, bottom field first", "f.ts", "tinterlace=interleave_bottom,setfield=bff", "-c:v libx264 -qp 12 -flags +ildct+ilme -top 0"),
        ("MPEG-4, interlaced", "f.avi", "tinterlace=interleave_top,setfield=tff", "-c:v mpeg4 -q:v 2 -bf 2 -flags +ildct+ilme -top 1"),
        ("not flagged", "f.avi", "tinterlace=interleave_top,setfield=prog", "-c:v mpeg4 -q:v 2"),
        ("not flagged, bottom field first", "f.avi", "tinterlace=interleave_bottom,setfield=prog", "-c:v mpeg4 -q:v 2"),
        ("flagged as progressive", "f.mkv", "tinterlace=interleave_top,setfield=prog", "-c:v libx265 -preset ultrafast -x265-params log-level=error"),
        ("right but for its fields", "f.mkv", "tinterlace=interleave_top,setfield=prog", "-c:v libx264 -qp 12"),
    ])
    func combsAreGone(_ name: String, _ file: String, _ weave: String, _ encoding: String) throws {
        let source = try GeneratedMedia.make(file, "-f lavfi -i \(Self.woven),\(weave) \(encoding)")
        #expect(Self.combing(try DecodedVideo(source, gray: true)) > 5, "the source shows combs")
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        #expect(Self.combing(video) < 2)
        // A picture for each field, at its time.
        #expect(outcome.frames == 60 && video.count == 60, "\(outcome.frames)")
        Self.expectEven(video.times, interval: 0.02)
        #expect(abs(Double(outcome.duration) / 1e6 - 1.2) < 0.03)
        let steps = Self.barSteps(video)
        #expect(steps.allSatisfy { abs($0 - 3) < 1.2 }, "the bar moves by \(steps)")
        if let found = run.plan?.decisions.first(where: { $0.reason.contains("made of two fields") }) {
            #expect(found.reason.contains("the upper first") == weave.contains("interleave_top"), "\(found.reason)")
        } else {
            #expect(name.contains("first") && !name.contains("not") || name == "H.264, interlaced" || name == "MPEG-4, interlaced")
        }
    }

    static let interlacedH264 = "tinterlace=interleave_top,setfield=tff -c:v libx264 -qp 12 -flags +ildct+ilme -top 1"

    /// The profile's bound is kept: then each frame is a picture.
    @Test(arguments: [(60.0, 60), (50, 60), (48, 30), (30, 30)]) func boundOfTheProfile(_ bound: Double, _ pictures: Int) throws {
        let source = try GeneratedMedia.make("f.mkv", "-f lavfi -i \(Self.woven),\(Self.interlacedH264)")
        var profile = Profile()
        profile.video.maxFrameRate = bound
        let run = try MediaRun()(source, profile: profile)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        #expect(outcome.frames == pictures && video.count == pictures)
        Self.expectEven(video.times, interval: 1.2 / Double(pictures))
        #expect(Self.combing(video) < 2)
        let says = try #require(run.plan).decisions.first { $0.action.contains("deinterlace") }?.action
        #expect(says?.contains("per field") == (pictures == 60))
    }

    /// The rate of American television, and clocks that cannot count half a frame.
    @Test(arguments: [("f.ts", 0.00002), ("f.mov", 0.00002), ("f.mkv", 0.0011), ("f.avi", 0.00002)])
    func ratesOfFields(_ file: String, _ tolerance: Double) throws {
        let source = try GeneratedMedia.make(
            file, "-f lavfi -i testsrc2=s=720x480:r=60000/1001:d=2,tinterlace=interleave_bottom,setfield=bff -c:v mpeg2video -b:v 8M -flags +ildct+ilme -top 0")
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        #expect(video.count == outcome.frames && (119...120).contains(video.count), "\(video.count)")
        let off = zip(video.times, video.times.dropFirst()).map { abs($1 - $0 - 1001.0 / 60000) }.max() ?? 1
        #expect(off < tolerance, "off by \(off) s")
        #expect(abs(Double(outcome.duration) / 1e6 - Double(video.count) * 1001 / 60000) < 0.002)
    }

    @Test(arguments: [
        ("s.ts", "setfield=tff -c:v mpeg2video -q:v 3 -flags +ildct+ilme -top 1 -c:a mp2"), ("s.mp4", "setfield=tff -c:v libx264 -flags +ildct+ilme -top 1 -c:a aac"),
    ])
    func staysWithItsSound(_ file: String, _ encoding: String) throws {
        let clip = SyncClip(moments: [1, 3, 5], seconds: 6, rate: "50")
        let words = encoding.split(separator: " ", maxSplits: 1)
        let source = try GeneratedMedia.make(file, "\(clip.inputs) -map 0:v -map 1:a -vf scale=160:480,tinterlace=interleave_top,\(words[0]) \(words[1])")
        let run = try SyncTests.expectTogether(source, moments: clip.moments)
        #expect((299...301).contains(run.outcome?.frames ?? 0), "\(run.outcome?.frames ?? 0)")
    }

    /// A bar that runs for so many seconds, 50 times a second.
    static func running(_ seconds: Int, _ name: String) -> String {
        "color=c=black:s=160x960:r=50:d=\(seconds)[b\(name)];color=c=white:s=32x960:r=50:d=\(seconds)[w\(name)];"
            + "[b\(name)][w\(name)]overlay=x='mod(3*n\\,160)-16':y=0,format=yuv420p,scale=160:480,setsar=1"
    }

    /// Eight seconds of whole pictures, then four of fields that nothing flags, copied and encoded.
    @Test(arguments: [("l.mp4", "\(Lavfi.h264) -qp 16 -movflags +faststart"), ("l.avi", "-c:v mpeg4 -q:v 2")], ["top", "bottom"])
    func fieldsThatBeginLater(_ recipe: (String, String), _ first: String) throws {
        let graph = "\(Self.running(8, "1")),fps=25[p];\(Self.running(4, "2")),tinterlace=interleave_\(first)[i];[p][i]concat,setfield=prog"
        let source = try GeneratedMedia.make(recipe.0, "-f lavfi -i \(graph) \(recipe.1)")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        #expect(Self.combing(video) < 2)
        #expect(video.times.count(where: { $0 < 7 }) >= 175 && video.times.count(where: { (9..<11.5).contains($0) }) == 125)
        let reason = run.plan?.decisions.first { $0.reason.contains("made of two fields") }?.reason
        #expect(reason?.contains(first == "top" ? "the upper first" : "the lower first") == true, "\(CopyTests.decisions(run))")
    }

    /// The same where the pictures flag their fields.
    @Test func flaggedFieldsThatBeginLater() throws {
        let parts = [
            "-f lavfi -i \(Self.running(3, "1")),fps=25 -c:v libx264 -qp 16", "-f lavfi -i \(Self.running(3, "1")),\(Self.interlacedH264)",
        ]
        let run = try MediaRun()(try JoinedFilm.transportStream(parts, each: 3))
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        #expect(Self.combing(video) < 2)
        #expect(video.times.count(where: { $0 < 2 }) == 50 && video.times.count(where: { (4..<5).contains($0) }) == 50)
    }

    /// Where frames are missing, the second field of the one before is not shown late.
    @Test func gapsAmongFrames() throws {
        let source = try GeneratedMedia.make(
            "f.mkv", "-f lavfi -i \(Self.woven),tinterlace=interleave_top,setfield=tff,select='lt(n\\,10)+gt(n\\,19)' -fps_mode passthrough -c:v libx264 -qp 12 -flags +ildct+ilme -top 1")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        let expected = (Array(0..<20) + Array(40..<60)).map { Double($0) * 0.02 }
        #expect(video.count == 40 && zip(video.times, expected).allSatisfy { abs($0 - $1) < 0.0015 }, "\(video.times)")
    }

    /// What scrolls, blinks or is finely striped, at the size and the rate of television, is taken for no fields.
    @Test(arguments: [
        "testsrc2=s=1280x720:r=25:d=2", "testsrc2=s=720x576:r=25:d=2", "mandelbrot=s=720x480:r=30:end_pts=60,trim=duration=2",
        "testsrc=s=640x480:r=25:d=2,scroll=v=0.0042", "testsrc=s=640x480:r=25:d=2,scroll=v=0.0021",
        "testsrc2=s=640x480:r=30:d=2,scroll=v=0.0063",
        "nullsrc=s=640x480:r=25:d=2,format=gray,geq=lum='if(lt(mod(Y+3*N\\,22)\\,2)\\,20\\,235)*gt(mod(X\\,9)\\,3)'",
    ])
    func whatMovesIsNotMadeOfFields(_ picture: String) throws {
        for encoding in ["-c:v libx264 -preset ultrafast -pix_fmt yuv420p", "-c:v mpeg4 -q:v 3"] {
            let source = try GeneratedMedia.make("moving.mkv", "-f lavfi -i \(picture) \(encoding)")
            let decisions = try #require(try MediaRun()(source).plan).decisions
            #expect(!decisions.contains { $0.reason.contains("fields") || $0.action.contains("interlace") }, "\(decisions)")
        }
    }

    /// Fine lines across a progressive picture stay as they are.
    @Test(arguments: [
        ("H.264", "p.mp4", "-c:v libx264 -qp 8"), ("MPEG-2", "p.ts", "-c:v mpeg2video -q:v 2"), ("not flagged", "p.avi", "-c:v mpeg4 -q:v 2"),
    ])
    func progressiveIsLeftAlone(_ name: String, _ file: String, _ encoding: String) throws {
        let source = try GeneratedMedia.make(
            file, "-f lavfi -i nullsrc=s=160x120:r=25:d=1,format=gray,geq=lum='if(mod(Y\\,2)\\,190\\,60)+20*sin((X+8*N)/12)',format=yuv420p \(encoding)")
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(outcome.frames == 25)
        let video = try DecodedVideo(run.output, gray: true)
        let contrast = Self.lineContrast(video, picture: 12), before = Self.lineContrast(try DecodedVideo(source, gray: true), picture: 12)
        #expect(contrast > before * 0.85, "\(before) became \(contrast)")
        let decisions = try #require(run.plan).decisions
        #expect(!decisions.contains { $0.action.contains("interlace") })
    }

    /// How much more neighbouring lines differ than the lines of one field do.
    static func combing(_ video: DecodedVideo) -> Double {
        var worst = 0.0
        for picture in 4..<max(5, video.count - 4) {
            var (near, far) = (0.0, 0.0)
            for y in 40..<max(41, min(video.height - 8, 160)) {
                for x in stride(from: 0, to: video.width, by: 2) {
                    func line(_ y: Int) -> Double { video.luma(picture: picture, x: x, y: y, width: 1, height: 1) }
                    near += abs(line(y) - line(y + 1))
                    far += abs(line(y) - line(y + 2))
                }
            }
            let points = Double(video.width / 2 * (min(video.height - 8, 160) - 40))
            worst = max(worst, (near - far) / points)
        }
        return worst
    }

    static func lineContrast(_ video: DecodedVideo, picture: Int) -> Double {
        let lines = (40..<80).map { video.luma(picture: picture, x: 0, y: $0, width: video.width, height: 1) }
        return zip(lines, lines.dropFirst()).map { abs($0 - $1) }.reduce(0, +) / 39
    }

    static func expectEven(_ times: [Double], interval: Double, location: SourceLocation = #_sourceLocation) {
        let off = zip(times, times.dropFirst()).map { abs($1 - $0 - interval) }.max() ?? 1
        #expect(off < 0.0011, "off by \(off) s", sourceLocation: location)
    }

    /// Points by which the bar's middle moves to the right from picture to picture: fields taken in the wrong order would jump.
    static func barSteps(_ video: DecodedVideo) -> [Double] {
        let places = (8..<min(40, video.count)).map { picture -> Double in
            let columns = (0..<video.width).map { max(0, video.luma(picture: picture, x: $0, y: 50, width: 1, height: 20) - 40) }
            let sum = columns.reduce(0, +)
            return sum == 0 ? -1 : zip(columns, 0...).reduce(0) { $0 + $1.0 * Double($1.1) } / sum
        }
        return zip(places, places.dropFirst()).map { $1 - $0 }
    }
}
