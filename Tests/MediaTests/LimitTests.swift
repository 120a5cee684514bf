import Foundation
import MediaWire
import Testing
import Verdicts

/// Each limit fails with its own code, and only beyond it.
@Suite struct LimitTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var code: Verdict.Code
        var tooLow: @Sendable (inout MediaLimits) -> Void
        var enough: @Sendable (inout MediaLimits) -> Void
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "duration", code: .overDuration, tooLow: { $0.duration = 1.5 }, enough: { $0.duration = 2.2 }),
        Case(name: "side", code: .overPixels, tooLow: { $0.side = 159 }, enough: { $0.side = 160 }),
        Case(name: "pixels", code: .overPixels, tooLow: { $0.pixels = 160 * 120 - 1 }, enough: { $0.pixels = 160 * 120 }),
        Case(name: "frames", code: .overFrames, tooLow: { $0.frames = 49 }, enough: { $0.frames = 50 }),
        Case(name: "streams", code: .overStreams, tooLow: { $0.streams = 1 }, enough: { $0.streams = 2 }),
        Case(name: "input size", code: .overInputSize, tooLow: { $0.inputSize = 5000 }, enough: { $0.inputSize = 5_000_000 }),
        Case(name: "output size", code: .overOutputSize, tooLow: { $0.outputSize = 9000 }, enough: { $0.outputSize = 5_000_000 }),
    ]

    /// Both where streams are encoded and where they are copied.
    @Test(arguments: cases, [false, true]) func hasItsOwnCode(_ test: Case, isCopied: Bool) throws {
        let encoding = isCopied ? "\(Lavfi.h264) \(Lavfi.aac)" : "-c:v mpeg4 -q:v 3 -c:a flac"
        let source = try GeneratedMedia.make("l.mkv", "\(Lavfi.test(seconds: 2)) \(Lavfi.tone(seconds: 2)) \(encoding)")
        var profile = Profile()
        test.tooLow(&profile.limits)
        let failure = try #require(try MediaRun()(source, profile: profile).failure)
        #expect(failure.code == test.code, "\(failure)")
        #expect(failure.reason.hasSuffix("."))
        profile = Profile()
        test.enough(&profile.limits)
        let run = try MediaRun()(source, profile: profile)
        #expect(run.outcome != nil, "\(String(describing: run.failure))")
    }

    /// More than FFmpeg is asked to open, and than fit into a message.
    @Test func aCrowdOfStreamsIsOverTheLimit() throws {
        func element(_ id: [UInt8], _ content: [UInt8]) -> [UInt8] {
            let size = (0..<7).map { UInt8(truncatingIfNeeded: content.count >> (8 * (6 - $0))) }
            return id + [0x01] + size + content
        }
        let tracks = (1...2000).flatMap { number -> [UInt8] in
            let bytes = [UInt8(number >> 8), UInt8(number & 255)]
            return element(
                [0xAE],
                element([0xD7], bytes) + element([0x73, 0xC5], bytes) + element([0x83], [2])
                    + element([0x86], Array("A_PCM/INT/LIT".utf8))
                    + element([0xE1], element([0x9F], [1]) + element([0x62, 0x64], [16])))
        }
        let cluster = element([0xE7], [0]) + element([0xA3], [0x81, 0, 0, 0x80] + [UInt8](repeating: 0, count: 1600))
        let bytes =
            element([0x1A, 0x45, 0xDF, 0xA3], element([0x42, 0x82], Array("matroska".utf8)))
            + element(
                [0x18, 0x53, 0x80, 0x67],
                element([0x16, 0x54, 0xAE, 0x6B], tracks) + element([0x1F, 0x43, 0xB6, 0x75], cluster))
        let failure = try #require(try MediaRun()(try GeneratedMedia.write("crowd.mkv", bytes)).failure)
        #expect(failure.code == .overStreams, "\(failure)")
    }

    @Test func soundHasADurationToo() throws {
        var profile = Profile()
        profile.limits.duration = 1
        for name in ["long.mp3", "long.wav", "long.m4a"] {
            let source = try GeneratedMedia.make(name, Lavfi.tone(seconds: 2))
            #expect(try MediaRun()(source, subject: .audio, profile: profile).failure?.code == .overDuration)
        }
    }

    /// What decodes counts, not what a header promises.
    @Test func promiseOfTenHoursIsNoDuration() throws {
        let plain = try GeneratedMedia.make("p.mkv", "\(Lavfi.test()) -c:v mpeg4")
        var bytes = [UInt8](try Data(contentsOf: plain))
        // Matroska's Duration: ID 44 89, length 8, a double in milliseconds.
        let place = try #require(bytes.firstRange(of: [0x44, 0x89, 0x88])).upperBound
        let lie = (36_000_000.0).bitPattern
        for index in 0..<8 { bytes[place + index] = UInt8(lie >> UInt64(56 - 8 * index) & 255) }
        let run = try MediaRun()(try GeneratedMedia.write("liar.mkv", bytes))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(Double(outcome.duration) / 1e6 - 1) < 0.1)
    }

    /// A picture that grows on the way meets the limit where it grows.
    @Test func pictureThatGrows() throws {
        let small = try GeneratedMedia.make("a.ts", "\(Lavfi.test("160x120")) -c:v mpeg2video")
        let large = try GeneratedMedia.make("b.ts", "\(Lavfi.test("640x480", seconds: 0.5)) -c:v mpeg2video -output_ts_offset 1")
        let both = try GeneratedMedia.write("both.ts", try Data(contentsOf: small) + Data(contentsOf: large))
        var profile = Profile()
        profile.limits.side = 320
        #expect(try MediaRun()(both, profile: profile).failure?.code == .overPixels)
    }

    /// What changes its shape on the way is fitted in, and not stretched; odd sizes too.
    @Test(arguments: ["480x640", "321x241", "97x33"]) func pictureThatChangesItsShape(_ size: String) throws {
        let first = try GeneratedMedia.make("a.ts", "-f lavfi -i color=white:s=640x480:r=25:d=1 -c:v mpeg2video")
        let second = try GeneratedMedia.make("b.ts", "-f lavfi -i color=white:s=\(size):r=25:d=1 -c:v mpeg2video -output_ts_offset 1")
        let both = try GeneratedMedia.write("both.ts", try Data(contentsOf: first) + Data(contentsOf: second))
        let run = try MediaRun()(both)
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect((outcome.width, outcome.height) == (640, 480))
        let video = try DecodedVideo(run.output, gray: true)
        #expect(video.count >= 48)
        // White in the middle; beside it what is left over of the other shape.
        let middle = video.luma(picture: video.count - 4, x: 300, y: 220, width: 40, height: 40)
        let side = video.luma(picture: video.count - 4, x: 4, y: 220, width: 8, height: 40)
        #expect(middle > 220 && (size == "480x640" ? side < 30 : true), "\(middle), \(side)")
    }

    /// A few kilobytes that would unpack to gigabytes.
    @Test func bombOfPixels() throws {
        var gif = Array("GIF89a".utf8) + [0x80, 0x3E, 0x80, 0x3E, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
        for _ in 0..<2 {
            gif += [0x21, 0xF9, 4, 0, 10, 0, 0, 0, 0x2C, 0, 0, 0, 0, 0x80, 0x3E, 0x80, 0x3E, 0, 2, 2, 0x44, 1, 0]
        }
        #expect(try MediaRun()(try GeneratedMedia.write("bomb.gif", gif + [0x3B])).failure?.code == .overPixels)
    }
}
