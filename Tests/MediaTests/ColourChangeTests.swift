import Foundation
import MediaWire
import Testing

/// A film whose pictures change what their numbers mean: the same chart looks the same in each part, and on the poster.
@Suite struct ColourChangeTests {
    struct Part {
        var coding: ColorCoding
        var primaries = Primaries.bt709
        var encoding: String

        func file(_ number: Int) throws -> URL {
            try Patches.chart.converted(to: primaries).clip("part.ts", coding, "\(encoding) -output_ts_offset \(Double(number))", pictures: 10)
        }
    }

    struct Case: CustomTestStringConvertible {
        var name: String
        var parts: [Part]
        var testDescription: String { name }
    }

    static let whole = "-c:v libx264 -qp 4 -bf 0"
    static let usual = Part(coding: .bt709, encoding: "\(Lavfi.h264) -bf 0 -qp 4")
    static let untagged = Part(coding: .bt709, encoding: "\(whole) -pix_fmt yuv420p")
    static let full = Part(
        coding: .bt709.with(fullRange: true), encoding: "\(whole) -pix_fmt yuv444p \(ColourTests.tags("bt709", "bt709", "bt709", "pc"))")
    static let bt601 = Part(coding: .bt601, encoding: "\(whole) \(ColourTests.tags("bt709", "bt709", "smpte170m"))")
    static let displayP3 = Part(
        coding: .bt709, primaries: .displayP3, encoding: "\(whole) \(ColourTests.tags("smpte432", "bt709", "bt709"))")
    static let tenBits = Part(coding: .bt709.with(bits: 10), encoding: "\(whole) \(ColourTests.tags("bt709", "bt709", "bt709"))")
    static let wide = Part(
        coding: .bt2020.with(bits: 10), primaries: .bt2020, encoding: "\(whole) \(ColourTests.tags("bt2020", "bt2020-10", "bt2020nc"))")
    static let rgb = Part(coding: .bt709, encoding: "-vf scale=in_color_matrix=bt709:flags=accurate_rnd,format=gbrp -c:v libx264rgb -qp 0 -bf 0")

    static let cases = [
        Case(name: "the range", parts: [usual, full]),
        Case(name: "the matrix", parts: [usual, bt601]),
        Case(name: "the primaries", parts: [usual, displayP3, usual]),
        Case(name: "the depth", parts: [usual, tenBits]),
        Case(name: "from BT.2020 back to BT.709", parts: [wide, usual]),
        Case(name: "tags that end", parts: [usual, untagged]),
        Case(name: "tags of a film that goes on in fewer bits", parts: [wide, usual, untagged]),
        Case(name: "to RGB", parts: [usual, rgb]),
    ]

    @Test(arguments: cases) func chartStaysTheSame(_ test: Case) throws {
        let source = try JoinedFilm.transportStream(test.parts.enumerated().map { try $1.file($0) })
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output)
        #expect((test.parts.count * 10 - 1...test.parts.count * 10).contains(video.count), "\(video.count)")
        for number in test.parts.indices {
            let mean = Patches.chart.mean(Patches.chart.measure(in: video, picture: number * 10 + 5))
            #expect(mean < 3, "part \(number): mean ΔE \(mean)")
        }
        let poster = Patches.chart.mean(Patches.chart.measure(in: try DecodedVideo(run.poster, format: "yuvj444p"), coding: .jpeg))
        #expect(poster < 4, "poster: mean ΔE \(poster)")
    }

    /// The poster is of the part that it was taken from, wherever the picture stands.
    @Test(arguments: [0.5, 1.5]) func posterOfEitherPart(_ at: Double) throws {
        var profile = Profile()
        profile.poster.at = at
        let source = try JoinedFilm.transportStream([Self.usual.file(0), Self.full.file(1)])
        let run = try MediaRun()(source, profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let mean = Patches.chart.mean(Patches.chart.measure(in: try DecodedVideo(run.poster, format: "yuvj444p"), coding: .jpeg))
        #expect(mean < 4, "mean ΔE \(mean)")
    }

    /// BT.709 in limited range, then BT.601 in full range.
    @Test(arguments: [nil, 0.5, 1.5]) func matrixAndRangeSwitch(_ posterAt: Double?) throws {
        var profile = Profile()
        profile.poster.at = posterAt
        let run = try MediaRun()(Reports.file("col-switch-range.ts"), profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output)
        for time in [0.5, 1.5] {
            let picture = try #require(video.times.firstIndex { $0 >= time })
            let mean = Patches.chart.mean(Patches.chart.measure(in: video, picture: picture))
            #expect(mean < 3, "at \(time) s: mean ΔE \(mean)")
        }
        let poster = Patches.chart.mean(Patches.chart.measure(in: try DecodedVideo(run.poster, format: "yuvj444p"), coding: .jpeg))
        #expect(poster < 3, "poster: mean ΔE \(poster)")
    }

    /// An ordinary film goes over into HDR and back: the HDR part is what it is alone, and the others are untouched.
    @Test func hdrOnTheWay() throws {
        let hevc = "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le"
        let plain = "\(hevc) -x265-params log-level=error:qp=4:bframes=0 \(ColourTests.tags("bt709", "bt709", "bt709"))"
        let high = "\(hevc) -x265-params log-level=error:qp=4:bframes=0:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc \(ColourTests.tags("bt2020", "smpte2084", "bt2020nc"))"
        let chart = HighDynamicRangeTests.chart(.pq)
        func part(_ number: Int) throws -> URL {
            let offset = "-output_ts_offset \(number)"
            return number == 1
                ? try chart.clip("part.ts", .bt2020.with(bits: 10), "\(high) \(offset)", pictures: 10)
                : try Self.chartInShape.clip("part.ts", .bt709.with(bits: 10), "\(plain) \(offset)", pictures: 10)
        }
        let run = try MediaRun()(try JoinedFilm.transportStream([part(0), part(1), part(2)]))
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let alone = try MediaRun()(part(1))
        let expected = chart.measure(in: try DecodedVideo(alone.output), picture: 5)
        let video = try DecodedVideo(run.output)
        let measured = chart.measure(in: video, picture: 15)
        for (one, other) in zip(expected, measured) { #expect(Lab(one).difference(from: Lab(other)) < 2, "\(one) became \(other)") }
        for picture in [5, 25] {
            let mean = Self.chartInShape.mean(Self.chartInShape.measure(in: video, picture: picture))
            #expect(mean < 3, "picture \(picture): mean ΔE \(mean)")
        }
    }

    /// As many patches as the HDR chart has.
    static let chartInShape = Patches(colors: Array(Patches.chart.colors.prefix(HighDynamicRangeTests.light.count)))
}
