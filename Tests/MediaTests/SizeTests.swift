import Foundation
import MediaWire
import Testing

@Suite struct SizeTests {
    struct Case: CustomTestStringConvertible {
        var source: (width: Int, height: Int)
        var shape = (1, 1)
        var maxSide = 1920
        /// What is seen on a screen, before it is made even.
        var seen: (width: Double, height: Double)
        var testDescription: String { "\(source.width)x\(source.height), pixels \(shape.0):\(shape.1), at most \(maxSide)" }
    }

    static let cases = [
        Case(source: (160, 120), seen: (160, 120)),
        Case(source: (161, 121), seen: (161, 121)),
        Case(source: (160, 121), seen: (160, 121)),
        Case(source: (161, 120), seen: (161, 120)),
        Case(source: (32, 18), seen: (32, 18)),
        Case(source: (3, 3), seen: (3, 3)),
        Case(source: (2, 200), seen: (2, 200)),
        Case(source: (640, 360), maxSide: 320, seen: (320, 180)),
        Case(source: (360, 640), maxSide: 320, seen: (180, 320)),
        Case(source: (321, 181), maxSide: 320, seen: (320, 180.4)),
        Case(source: (640, 8), maxSide: 320, seen: (320, 4)),
        Case(source: (180, 144), shape: (64, 45), seen: (256, 144)),
        Case(source: (180, 120), shape: (8, 9), seen: (160, 120)),
        Case(source: (160, 120), shape: (4, 3), maxSide: 160, seen: (160, 90)),
        Case(source: (120, 160), shape: (1, 2), seen: (60, 160)),
    ]

    @Test(arguments: cases) func isSeenInItsProportions(_ test: Case) throws {
        let source = try GeneratedMedia.make(
            "size.mkv",
            "-f lavfi -i testsrc2=s=\(test.source.width)x\(test.source.height):r=10:d=0.3,format=yuv444p,setsar=\(test.shape.0)/\(test.shape.1) -c:v ffv1")
        var profile = Profile()
        profile.video.maxSide = test.maxSide
        let run = try MediaRun()(source, profile: profile)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let file = try ProbedFile(run.output)
        #expect(file.isPlayableEverywhere)
        let (width, height) = (try #require(outcome.width), try #require(outcome.height))
        #expect((file.video?.width, file.video?.height) == (width, height))
        #expect(width.isMultiple(of: 2) && height.isMultiple(of: 2))
        #expect(max(width, height) <= test.maxSide)
        // Square pixels of the right proportions: either side may be stretched, each rounded by one pixel at most.
        let scale = test.shape == (1, 1) ? 1 : (Double(width * height) / (test.seen.width * test.seen.height)).squareRoot()
        #expect(abs(Double(width) - test.seen.width * scale) <= 1.01, "\(width)x\(height)")
        #expect(abs(Double(height) - test.seen.height * scale) <= 1.01, "\(width)x\(height)")
        // Never more picture than there was, but for the side that was too short.
        let stretch = max(Double(test.shape.0) / Double(test.shape.1), Double(test.shape.1) / Double(test.shape.0))
        #expect(Double(width * height) <= Double(test.source.width * test.source.height) * stretch * 1.02)
    }

    /// A square drawn on wide pixels is square on the screen.
    @Test func wholePictureIsKept() throws {
        let source = try GeneratedMedia.make(
            "square.mkv",
            "-f lavfi -i color=c=black:s=120x160:r=10:d=0.3,drawbox=x=20:y=60:w=20:h=40:t=fill:c=white,setsar=2/1 -c:v ffv1")
        let run = try MediaRun()(source)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output)
        let unit = Double(outcome.height ?? 0) / 160
        func luma(_ x: Double, _ y: Double) -> Double {
            video.luma(picture: 0, x: Int(x * unit) - 1, y: Int(y * unit) - 1, width: 3, height: 3)
        }
        for (x, y) in [(45.0, 65.0), (75, 65), (45, 95), (75, 95), (60, 80)] { #expect(luma(x, y) > 200) }
        for (x, y) in [(32.0, 80.0), (88, 80), (60, 52), (60, 108)] { #expect(luma(x, y) < 40) }
    }

    /// A size that changes on the way: every picture comes out in one size, none is lost.
    @Test func sizeMayChangeOnTheWay() throws {
        let first = try GeneratedMedia.make("a.ts", "\(Lavfi.test("160x120", seconds: 0.6)) -c:v mpeg2video -q:v 3")
        let second = try GeneratedMedia.make(
            "b.ts", "\(Lavfi.test("320x180", seconds: 0.6)) -c:v mpeg2video -q:v 3 -output_ts_offset 0.6")
        let both = try GeneratedMedia.write("both.ts", try Data(contentsOf: first) + Data(contentsOf: second))
        let run = try MediaRun()(both)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((29...30).contains(outcome.frames))
        let video = try DecodedVideo(run.output)
        #expect((video.width, video.height) == (outcome.width, outcome.height))
        #expect(video.count == outcome.frames)
    }
}
