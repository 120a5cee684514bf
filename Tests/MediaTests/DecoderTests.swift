import Foundation
@testable import Media
import MediaWire
import Testing

/// What people own is decoded, and what is not has a reason.
@Suite struct DecoderTests {
    /// Every decoder of pictures and sound that this FFmpeg has is used or left out, and none is both.
    @Test func eachDecoderIsUsedOrLeftOutForAReason() throws {
        let list = String(decoding: try Program.run("ffmpeg", ["-hide_banner", "-decoders"]).output, as: UTF8.self)
        let names = list.split(separator: "\n").compactMap { line -> String? in
            let words = line.split(separator: " ")
            return words.count > 2 && words[0].count == 6 && ["V", "A"].contains(words[0].prefix(1)) && words[1] != "=" ? String(words[1]) : nil
        }
        #expect(names.count > 300)
        let used = AllowList.videoDecoders.union(AllowList.audioDecoders)
        let undecided = names.filter { !used.contains($0) && ExcludedDecoders.reasons[$0] == nil }
        #expect(undecided == [])
        #expect(used.intersection(ExcludedDecoders.reasons.keys).isEmpty)
    }

    @Test(arguments: ["magicyuv.avi", "flashsv.flv"]) func aReportsFilmIsDone(_ name: String) throws {
        let run = try LossTests.expectAgreement(Reports.file(name))
        let outcome = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(abs(Double(outcome.duration) / 1e6 - 2) < 0.3 && outcome.remark == nil, "\(outcome.duration) \(outcome.remark ?? "")")
        #expect(try ProbedFile(run.output).kinds == ["video", "audio"])
        let film = try DecodedVideo(run.output, gray: true)
        #expect(film.count >= 48)
        #expect(BarCode.number(film, picture: 30) == 30)
    }

    struct Case: CustomTestStringConvertible {
        var name: String
        var encoding: String
        var testDescription: String { "\(name) \(encoding)" }
    }

    static let pictures = [
        Case(name: "a.avi", encoding: "zmbv"), Case(name: "a.avi", encoding: "magicyuv -pix_fmt gbrp"), Case(name: "a.flv", encoding: "flashsv2"),
        Case(name: "a.mov", encoding: "v210"), Case(name: "a.mov", encoding: "v308"), Case(name: "a.mov", encoding: "v408"),
        Case(name: "a.mov", encoding: "v410"), Case(name: "a.mov", encoding: "r210"), Case(name: "a.mov", encoding: "yuv4"),
        Case(name: "a.avi", encoding: "y41p"), Case(name: "a.mov", encoding: "jpeg2000"), Case(name: "a.mkv", encoding: "jpeg2000"),
        Case(name: "a.avi", encoding: "jpegls"), Case(name: "a.avi", encoding: "zlib"), Case(name: "a.avi", encoding: "asv1"),
        Case(name: "a.avi", encoding: "asv2"), Case(name: "a.avi", encoding: "cljr -strict -2"), Case(name: "a.mov", encoding: "hap"),
        Case(name: "a.mov", encoding: "hap -format hap_alpha"), Case(name: "a.avi", encoding: "speedhq"), Case(name: "a.mov", encoding: "avrp"),
        Case(name: "a.mkv", encoding: "snow -strict -2"), Case(name: "a.mov", encoding: "targa"), Case(name: "a.mov", encoding: "smc"),
        Case(name: "a.mkv", encoding: "ffvhuff"), Case(name: "a.avi", encoding: "ljpeg -strict -1"), Case(name: "a.mov", encoding: "cinepak"),
        Case(name: "a.mkv", encoding: "vc2"),
    ]

    @Test(arguments: pictures) func picturesAreRead(_ test: Case) throws {
        let encoder = String(test.encoding.prefix { $0 != " " })
        guard GeneratedMedia.hasEncoder(encoder) else { return }
        let source = try GeneratedMedia.make(test.name, "\(Lavfi.counted("192x120", seconds: 0.6)) -c:v \(test.encoding)")
        let run = try LossTests.expectAgreement(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let film = try DecodedVideo(run.output, gray: true)
        #expect(film.count >= 14 && BarCode.number(film, picture: 10) == 10, "\(film.count)")
    }

    static let sounds = [
        Case(name: "a.wav", encoding: "g723_1 -ar 8000 -ac 1 -b:a 6300"), Case(name: "a.mov", encoding: "pcm_f64be"),
        Case(name: "a.ts", encoding: "s302m -strict -2 -ac 2 -f mpegts"), Case(name: "a.wav", encoding: "adpcm_swf -f flv -ar 44100"),
        Case(name: "a.wav", encoding: "adpcm_yamaha"), Case(name: "a.wav", encoding: "g726 -ar 8000 -ac 1"), Case(name: "a.nut", encoding: "pcm_s64le"),
        Case(name: "a.mlp", encoding: "mlp -strict -2 -f mlp"),
    ]

    @Test(arguments: sounds) func soundIsRead(_ test: Case) throws {
        let encoder = String(test.encoding.prefix { $0 != " " })
        guard GeneratedMedia.hasEncoder(encoder) else { return }
        let source = try GeneratedMedia.make(test.name, "\(Lavfi.tone(seconds: 1)) -c:a \(test.encoding)")
        let run = try LossTests.expectAgreement(source, subject: .audio)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        #expect(try DecodedSound(run.output).amplitude(440, from: 0.2, to: 0.8) > 0.03)
    }
}
