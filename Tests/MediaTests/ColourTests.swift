import Foundation
import MediaWire
import Testing

/// A chart whose numbers are made here, by the published formulas, is what the output shows in BT.709.
@Suite struct ColourTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var file: String
        var coding: ColorCoding
        /// In whose numbers the chart's light is written.
        var primaries = Primaries.bt709
        /// Stores the numbers as they are, with these tags.
        var encoding: String
        var testDescription: String { name }
    }

    static let lossless = "-c:v libx264 -qp 0"

    static func tags(_ primaries: String, _ transfer: String, _ matrix: String, _ range: String = "tv") -> String {
        "-color_primaries \(primaries) -color_trc \(transfer) -colorspace \(matrix) -color_range \(range)"
    }

    /// ProRes writes the tags of the pictures, not the stream's.
    static let inFrames = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"

    static let cases = [
        Case(name: "BT.709", file: "c.mp4", coding: .bt709, encoding: "\(lossless) \(tags("bt709", "bt709", "bt709"))"),
        Case(
            name: "NTSC", file: "c.mp4", coding: .bt601, primaries: .smpte170m,
            encoding: "\(lossless) \(tags("smpte170m", "smpte170m", "smpte170m"))"),
        Case(
            name: "PAL", file: "c.mp4", coding: .bt601, primaries: .bt470bg,
            encoding: "\(lossless) \(tags("bt470bg", "bt709", "bt470bg"))"),
        Case(
            name: "BT.601 matrix, BT.709 primaries", file: "c.mp4", coding: .bt601,
            encoding: "\(lossless) \(tags("bt709", "bt709", "smpte170m"))"),
        Case(
            name: "full range", file: "c.mp4", coding: .bt709.with(fullRange: true),
            encoding: "\(lossless) \(tags("bt709", "bt709", "bt709", "pc"))"),
        Case(
            name: "BT.2020, 10 bits", file: "c.mkv", coding: .bt2020.with(bits: 10), primaries: .bt2020,
            encoding: "-c:v libx265 -preset ultrafast -x265-params lossless=1:log-level=error \(tags("bt2020", "bt2020-10", "bt2020nc"))"),
        Case(
            name: "BT.2020, full range, 12 bits", file: "c.mkv", coding: .bt2020.with(bits: 12, fullRange: true),
            primaries: .bt2020, encoding: "-c:v ffv1 \(tags("bt2020", "bt2020-12", "bt2020nc", "pc"))"),
        Case(
            name: "Display P3", file: "c.mp4", coding: .bt709, primaries: .displayP3,
            encoding: "\(lossless) \(tags("smpte432", "bt709", "bt709"))"),
        Case(
            name: "4:2:2, 10 bits, ProRes", file: "c.mov", coding: .bt709.with(bits: 10),
            encoding: "-vf \(inFrames) -c:v prores_ks -profile:v 3 -pix_fmt yuv422p10le"),
        Case(
            name: "4:2:0, 8 bits", file: "c.mkv", coding: .bt709,
            encoding: "\(lossless) -pix_fmt yuv420p \(tags("bt709", "bt709", "bt709"))"),
        Case(name: "matrix alone is told", file: "c.mkv", coding: .bt709, encoding: "-c:v ffv1 -colorspace bt709"),
    ]

    @Test(arguments: cases) func chartComesOutAsItWas(_ test: Case) throws {
        let source = try Patches.chart.converted(to: test.primaries).clip(test.file, test.coding, test.encoding)
        try Self.expectChart(source)
    }

    /// Without tags the size decides, as players do: SD is BT.601, HD is BT.709.
    @Test(arguments: [false, true]) func missingTagsAreGuessedBySize(isHD: Bool) throws {
        let source = try Patches.chart.clip(
            "untagged.mkv", isHD ? .bt709 : .bt601, isHD ? "-vf scale=1152:768:flags=neighbor -c:v ffv1" : "-c:v ffv1",
            pictures: 2)
        // Whether SD without tags has the primaries of its time or today's is a matter of taste: the light differs a little.
        try Self.expectChart(source, atMost: isHD ? 3 : 5)
    }

    /// JPEG is always full range in BT.601's matrix.
    @Test func motionJPEG() throws {
        let picture = Patches.chart.planar(.jpeg)
        let raw = try GeneratedMedia.write("raw", picture + picture)
        let source = try GeneratedMedia.make(
            "motion.avi", "-f rawvideo -pix_fmt yuvj444p -s \(Patches.chart.size) -r 10 -i @0 -c:v mjpeg -q:v 1 -huffman 0",
            from: raw)
        try Self.expectChart(source)
    }

    @Test(arguments: [
        ("rgb.mov", "-c:v qtrle -pix_fmt rgb24"),
        ("rgb.mkv", "-c:v libx264rgb -qp 0"),
        ("rgb.mkv", "-c:v ffv1 -pix_fmt bgr0"),
        ("rgb.avi", "-c:v rawvideo -pix_fmt bgr24"),
        ("rgb.mkv", "-c:v ffv1 -pix_fmt gbrp10le"),
        ("palette.gif", "-lavfi split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=none"),
        ("palette.mov", "-lavfi split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse=dither=none -c:v png"),
        ("rgb.apng", "-pix_fmt rgb24 -f apng"),
    ])
    func picturesOfRGB(_ name: String, _ encoding: String) throws {
        try Self.expectChart(try Self.packed(name, encoding, alpha: 255))
    }

    /// Half transparent pixels show half of what is set behind them.
    @Test(arguments: [("FFFFFF", "qtrle -pix_fmt argb"), ("000000", "qtrle -pix_fmt argb"), ("3060C0", "png -pix_fmt rgba"),
        ("FFFFFF", "prores_ks -profile:v 4444 -pix_fmt yuva444p10le -vf scale=out_color_matrix=bt709:flags=accurate_rnd,\(inFrames)")])
    func transparency(_ background: String, _ encoder: String) throws {
        var profile = Profile()
        profile.video.background = background
        let behind = RGB(hex: try #require(Int(background, radix: 16)))
        let expected = Patches.chart.map { color in
            let share = 128.0 / 255
            func mix(_ front: Double, _ back: Double) -> Double { front * share + back * (1 - share) }
            return RGB(mix(color.red, behind.red), mix(color.green, behind.green), mix(color.blue, behind.blue))
        }
        try Self.expectChart(try Self.packed("see.mov", "-c:v \(encoder)", alpha: 128), expected, profile: profile)
    }

    /// Damage sets any tags together, and some films leave out one of them: there is always a way.
    @Test(arguments: ["bt2020nc", "smpte240m", "ycgco", "ictcp"], ["unknown", "bt2020", "smpte428"])
    func anyTagsFindAWay(_ matrix: String, _ primaries: String) throws {
        for transfer in ["arib-std-b67", "smpte2084", "smpte240m", "smpte428", "log100", "linear"] {
            let source = try GeneratedMedia.make(
                "tags.mkv",
                "-f lavfi -i testsrc=s=64x64:r=10:d=0.2,format=yuv420p10le -c:v ffv1 -colorspace \(matrix) -color_primaries \(primaries) -color_trc \(transfer)")
            let run = try MediaRun()(source)
            #expect(run.outcome != nil, "\(transfer): \(String(describing: run.failure))")
        }
    }

    /// WebM keeps it in a second picture beside the first.
    @Test(arguments: ["libvpx -auto-alt-ref 0", "libvpx-vp9"]) func transparencyOfWebM(_ encoder: String) throws {
        let source = try GeneratedMedia.make(
            "alpha.webm",
            "-f lavfi -i color=red@0.0:s=64x64:r=5:d=1,format=yuva420p,drawbox=x=16:y=16:w=32:h=32:c=blue@1:t=fill:replace=1 -c:v \(encoder) -pix_fmt yuva420p")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output)
        let (corner, middle) = (video.color(x: 2, y: 2, width: 8, height: 8), video.color(x: 24, y: 24, width: 16, height: 16))
        #expect(Lab(corner).difference(from: Lab(RGB(1, 1, 1))) < 5, "\(corner)")
        #expect(Lab(middle).difference(from: Lab(RGB(0, 0, 1))) < 12, "\(middle)")
    }

    @Test func grayStaysNeutral() throws {
        let source = try GeneratedMedia.make(
            "gray.mkv", "-f lavfi -i color=c=0x808080:s=64x64:r=10:d=0.3,format=gray -c:v ffv1 -color_range pc")
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let color = Lab(try DecodedVideo(run.output).color(x: 16, y: 16, width: 32, height: 32))
        #expect(color.difference(from: Lab(RGB(0.5, 0.5, 0.5))) < 3)
        #expect(color.chroma < 1.5)
    }

    /// Sharma, Wu and Dalal's published pairs: the measure itself is right.
    @Test func measureOfDifferenceIsRight() {
        let pairs = [
            (Lab(l: 50, a: 2.6772, b: -79.7751), Lab(l: 50, a: 0, b: -82.7485), 2.0425),
            (Lab(l: 50, a: 2.5, b: 0), Lab(l: 73, a: 25, b: -18), 27.1492),
            (Lab(l: 60.2574, a: -34.0099, b: 36.2677), Lab(l: 60.4626, a: -34.1751, b: 39.4387), 1.2644),
            (Lab(l: 2.0776, a: 0.0795, b: -1.1350), Lab(l: 0.9033, a: -0.0636, b: -0.5514), 0.9082),
        ]
        for (one, two, difference) in pairs { #expect(abs(one.difference(from: two) - difference) < 0.0001) }
    }

    static func packed(_ name: String, _ encoding: String, alpha: UInt8) throws -> URL {
        let picture = Patches.chart.packed(alpha: alpha)
        let raw = try GeneratedMedia.write("raw", picture + picture)
        return try GeneratedMedia.make(
            name, "-f rawvideo -pix_fmt rgba -s \(Patches.chart.size) -r 10 -i @0 \(encoding)", from: raw)
    }

    static func expectChart(
        _ source: URL, _ chart: Patches = .chart, profile: Profile = Profile(), atMost tolerance: Double = 3,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let run = try MediaRun()(source, profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))", sourceLocation: location)
        let file = try ProbedFile(run.output)
        #expect(file.isPlayableEverywhere, sourceLocation: location)
        let tags = [file.video?.color_primaries, file.video?.color_transfer, file.video?.color_space, file.video?.color_range]
        #expect(tags == ["bt709", "bt709", "bt709", "tv"], sourceLocation: location)
        let worst = chart.worst(chart.measure(in: try DecodedVideo(run.output)))
        #expect(worst <= tolerance, "ΔE \(worst)", sourceLocation: location)
        let poster = chart.worst(chart.measure(in: try DecodedVideo(run.poster, format: "yuvj444p"), coding: .jpeg))
        #expect(poster <= tolerance + 2, "poster: ΔE \(poster)", sourceLocation: location)
    }
}
