import Foundation
import MediaWire
import Testing

/// A counter in the picture tells which picture of the source is seen when.
@Suite struct FrameTimeTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var file: String
        var rate = "25"
        var seconds = 2.0
        /// Filters behind the counter that move or drop pictures.
        var times = "null"
        var encoding = "-c:v libx264 -preset ultrafast -crf 18"
        /// Seconds by which a time may move: what the source's clock cannot say more finely.
        var tolerance = 0.0005
        var testDescription: String { name }
    }

    static let fine = "-video_track_timescale 90000 -enc_time_base 1:90000"

    static let cases = [
        Case(name: "25", file: "t.mp4"),
        Case(name: "23.976", file: "t.mp4", rate: "24000/1001"),
        Case(name: "29.97", file: "t.mp4", rate: "30000/1001"),
        Case(name: "59.94", file: "t.mp4", rate: "60000/1001"),
        Case(name: "60", file: "t.mp4", rate: "60"),
        Case(name: "12.5", file: "t.mp4", rate: "12.5"),
        Case(name: "1", file: "t.mp4", rate: "1", seconds: 6),
        Case(name: "29.97, milliseconds", file: "t.mkv", rate: "30000/1001", tolerance: 0.001),
        Case(name: "60 minus, FLV", file: "t.flv", rate: "60000/1001", tolerance: 0.001),
        Case(name: "60, WebM", file: "t.webm", rate: "60", encoding: "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 1M", tolerance: 0.001),
        Case(name: "variable, MP4", file: "t.mp4", rate: "30", times: "setpts='(N/30+0.011*mod(N*7\\,3))/TB'", encoding: "-c:v libx264 -preset ultrafast -crf 18 \(fine)"),
        Case(name: "variable, MKV, B-frames", file: "t.mkv", rate: "30", times: "setpts='(N/30+0.011*mod(N*7\\,3))/TB'", encoding: "-c:v libx264 -crf 18 -enc_time_base 1:1000", tolerance: 0.001),
        Case(name: "pictures left out", file: "t.mp4", rate: "30", times: "select='gt(mod(n\\,7)\\,2)'"),
        Case(name: "one held for three seconds", file: "t.mp4", rate: "10", seconds: 5, times: "select='lt(n\\,10)+gt(n\\,40)'"),
        Case(name: "slower and slower", file: "t.mkv", rate: "30", times: "setpts='(N*0.03+N*N*0.002)/TB'", encoding: "-c:v libx264 -crf 18 -enc_time_base 1:1000", tolerance: 0.001),
        Case(name: "MPEG-TS that starts late", file: "t.ts", rate: "25"),
        Case(name: "MPEG-TS over the clock's end", file: "t.ts", rate: "25", encoding: "-c:v libx264 -preset ultrafast -crf 18 -output_ts_offset 95441 -muxdelay 0"),
        Case(name: "AVI, MPEG-4 with B-frames", file: "t.avi", rate: "25", encoding: "-c:v mpeg4 -q:v 3 -bf 2"),
        Case(name: "MPEG-PS", file: "t.mpg", rate: "25", encoding: "-c:v mpeg2video -q:v 3 -bf 2"),
        Case(name: "HEVC", file: "t.mp4", rate: "30", encoding: "-c:v libx265 -preset ultrafast -x265-params log-level=error"),
        Case(name: "no drift in a minute", file: "t.mkv", rate: "30000/1001", seconds: 60, tolerance: 0.001),
    ]

    @Test(arguments: cases) func everyPictureKeepsItsTime(_ test: Case) throws {
        let source = try Self.clip(test)
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let before = try DecodedVideo(source, gray: true), after = try DecodedVideo(run.output, gray: true)
        let numbers = FrameCounter.numbers(after)
        #expect(numbers == FrameCounter.numbers(before))
        #expect(numbers.compactMap { $0 }.count == numbers.count)
        #expect(after.times.first == 0)
        let moved = zip(before.times, after.times).map { abs(($0 - before.times[0]) - $1) }.max() ?? 0
        #expect(moved <= test.tolerance + 0.0001, "moved by \(moved) s")
        #expect(outcome.frames == before.count)
        let last = (after.times.last ?? 0)
        #expect(Double(outcome.duration) / 1e6 > last && Double(outcome.duration) / 1e6 < last + 1.1)
        // By its header: from 6.1 on, FFmpeg adds up the times of decoding, which are others.
        let movie = try MovieEditor(run.output)
        let told = Double(try movie.number("moov/mvhd", at: 16)) / Double(try movie.number("moov/mvhd", at: 12))
        #expect(abs(told - Double(outcome.duration) / 1e6) < 0.05, "\(told)")
    }

    /// More than 60 a second are brought down evenly, and keep their times.
    @Test(arguments: [(120, 2), (240, 4), (100, 0), (90, 0)])
    func fastFilmIsThinnedOut(_ rate: Int, _ step: Int) throws {
        let source = try Self.clip(Case(name: "fast", file: "f.mp4", rate: "\(rate)", seconds: 1.5))
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        let numbers = FrameCounter.numbers(video).compactMap { $0 }
        #expect(numbers.count == video.count)
        #expect(Double(video.count) / 1.5 <= 61, "\(video.count)")
        #expect(Double(video.count) / 1.5 >= 45, "\(video.count)")
        let steps = Set(zip(numbers, numbers.dropFirst()).map { $1 - $0 })
        if step > 0 { #expect(steps == [step]) } else { #expect(steps.isSubset(of: [1, 2])) }
        for (number, time) in zip(numbers, video.times) {
            // The picture that is shown is the one filmed then, to half a step of 60.
            #expect(abs(Double(number - numbers[0]) / Double(rate) - time) <= 0.5 / 60 + 0.0005)
        }
        #expect(abs(Double(outcome.duration) / 1e6 - 1.5) < 0.03)
        #expect(outcome.frames == video.count)
    }

    /// Players begin at keyframes: they come by the clock, however many pictures there are between.
    @Test(arguments: ["lt(t,2)+not(mod(n,30))", "1"]) func keyframesComeByTheClock(_ choice: String) throws {
        let source = try GeneratedMedia.make(
            "sparse.webm",
            "-f lavfi -i testsrc2=s=160x120:r=30:d=16,select='\(choice)' -fps_mode vfr -enc_time_base 1/1000 -c:v libvpx -deadline realtime -cpu-used 8")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let lines = try Program.run(
            "ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", run.output.path])
        let times = String(decoding: lines.output, as: UTF8.self).split(separator: "\n").filter { $0.contains("K") }
            .compactMap { Double($0.split(separator: ",")[0]) }
        #expect(times.first == 0 && times.count >= 7, "\(times)")
        // Where there is one picture a second, the one after two seconds may be the third.
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 <= 3.01 }, "\(times)")
        if choice == "1" { #expect(times.count <= 9, "none is needed between: \(times)") }
    }

    /// The profile's own bound is kept too.
    @Test func slowerBoundOfAProfile() throws {
        var profile = Profile()
        profile.video.maxFrameRate = 30
        let run = try MediaRun()(try Self.clip(Case(name: "bound", file: "f.mp4", rate: "50")), profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        #expect((50...61).contains(video.count), "\(video.count)")
    }

    /// The delays of a GIF, in hundredths, are the times of its pictures.
    @Test func animatedGIF() throws {
        let source = try Self.clip(
            Case(name: "gif", file: "g.gif", rate: "10", times: "setpts='(N*0.1+0.05*mod(N\\,2))/TB'", encoding: "-loop 0"))
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output, gray: true)
        #expect(FrameCounter.numbers(video) == Array(0..<20))
        for (index, time) in video.times.enumerated() {
            #expect(abs(time - (Double(index) * 0.1 + (index % 2 == 1 ? 0.05 : 0))) < 0.011, "picture \(index) at \(time)")
        }
    }

    static func clip(_ test: Case) throws -> URL {
        try GeneratedMedia.make(
            test.file,
            "-f lavfi -i \(FrameCounter.source(rate: test.rate, seconds: test.seconds)),settb=1/90000,\(test.times) -fps_mode passthrough \(test.encoding)")
    }
}
