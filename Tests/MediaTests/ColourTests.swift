import Foundation
import MediaWire
import Testing
import Verdicts

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
            primaries: .bt2020, encoding: "-c:v libx265 -preset ultrafast -x265-params lossless=1:log-level=error \(tags("bt2020", "bt2020-12", "bt2020nc", "pc"))"),
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
        try Self.expectChart(source)
    }

    /// Of what names no primaries the matrix alone is changed: VP8 cannot name any, and old films name none.
    @Test(arguments: [
        ("v.webm", "-c:v libvpx -crf 4 -b:v 20M -pix_fmt yuv420p"), ("v.mkv", "-c:v ffv1 -colorspace smpte170m"),
        ("v.mkv", "-c:v ffv1 -colorspace bt470bg"), ("v.mp4", "-c:v mpeg4 -q:v 1 -pix_fmt yuv420p"), ("v.mpg", "-c:v mpeg2video -q:v 1 -pix_fmt yuv420p"),
        ("v.mp4", "-c:v libx264 -qp 0 -colorspace smpte170m"),
    ])
    func unknownPrimariesAreLeft(_ name: String, _ encoding: String) throws {
        let source = try Patches.chart.clip(name, .bt601, "-r 25 \(encoding)")
        try Self.expectChart(source)
        let actions = try #require(try MediaRun()(source, task: .plan).plan).decisions.map(\.action)
        #expect(actions.contains("convert to BT.709") && !actions.contains("convert colours to BT.709"), "\(actions)")
    }

    /// The matrix of graphics cards and of lossless recorders.
    @Test(arguments: [true, false]) func yCgCo(isFullRange: Bool) throws {
        var bytes: [UInt8] = []
        let chart = Patches.chart
        let levels = chart.colors.map { color -> [UInt8] in
            let luma = (color.red + 2 * color.green + color.blue) / 4
            let green = (-color.red + 2 * color.green - color.blue) / 4, orange = (color.red - color.blue) / 2
            let numbers = isFullRange
                ? [luma * 255, 128 + green * 255, 128 + orange * 255] : [16 + 219 * luma, 128 + 224 * green, 128 + 224 * orange]
            return numbers.map { UInt8(min(255, max(0, $0.rounded()))) }
        }
        for plane in 0..<3 {
            for y in 0..<chart.height {
                for x in 0..<chart.width { bytes.append(levels[y / Patches.side * Patches.columns + x / Patches.side][plane]) }
            }
        }
        let raw = try GeneratedMedia.write("raw", bytes + bytes)
        let source = try GeneratedMedia.make(
            "ycgco.mkv", "-f rawvideo -pix_fmt yuv444p -s \(chart.size) -r 10 -i @0 \(Self.lossless) \(Self.tags("bt709", "bt709", "ycgco", isFullRange ? "pc" : "tv"))", from: raw)
        try Self.expectChart(source)
    }

    /// A matrix that nobody can undo is named, not taken for another.
    @Test(arguments: ["smpte2085", "chroma-derived-c"]) func unknownMatrixIsRefused(_ matrix: String) throws {
        let source = try Patches.chart.clip("m.mkv", .bt709, "-c:v ffv1 \(Self.tags("bt709", "bt709", matrix))")
        for task in [MediaRequest.Task.plan, .transcode] {
            let run = try MediaRun()(source, task: task)
            #expect(run.failure?.code == .unsupportedCodec)
            #expect(run.failure?.reason.contains("colours") == true, "\(String(describing: run.failure))")
        }
    }

    /// Sides that are no multiple of what a sample of chroma covers: even colours up to every edge.
    @Test(arguments: ["yuv410p", "yuv411p", "yuv420p", "yuv422p", "yuv440p"], ["66x50", "67x49", "130x74", "161x121"])
    func sidesThatDoNotFitTheChroma(_ format: String, _ size: String) throws {
        for (tags, maxSide) in [(Self.tags("smpte170m", "smpte170m", "smpte170m"), 1920), ("", 1920), (Self.tags("bt470bg", "bt709", "bt470bg"), 48)] {
            // Cut out of a larger picture: a source that is not even at its edges shows nothing.
            let source = try GeneratedMedia.make(
                "odd.mkv", "-f lavfi -i color=c=0x20A0E0:s=200x200:r=10:d=0.2,format=yuv444p,format=\(format),crop=\(size.replacingOccurrences(of: "x", with: ":")):0:0:exact=1 -c:v ffv1 \(tags)")
            var profile = Profile()
            profile.video.maxSide = maxSide
            let run = try MediaRun()(source, profile: profile)
            _ = try #require(run.outcome, "\(String(describing: run.failure))")
            let video = try DecodedVideo(run.output)
            let middle = Lab(video.color(x: video.width / 2 - 4, y: video.height / 2 - 4, width: 8, height: 8))
            let edges = [(0, 0, 2, video.height), (video.width - 2, 0, 2, video.height), (0, 0, video.width, 2), (0, video.height - 2, video.width, 2)]
            for (x, y, width, height) in edges {
                let difference = Lab(video.color(x: x, y: y, width: width, height: height)).difference(from: middle)
                #expect(difference < 2, "\(tags): the edge at \(x), \(y) is off by \(difference)")
            }
        }
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

    /// Damage sets any tags together, and some films leave out one of them: there is always a way, or a word on which there is none for.
    @Test(arguments: ["bt2020nc", "smpte240m", "ycgco", "ictcp", "bt2020c", "chroma-derived-nc"], ["unknown", "bt2020", "smpte428"])
    func anyTagsFindAWay(_ matrix: String, _ primaries: String) throws {
        for transfer in ["arib-std-b67", "smpte2084", "smpte428", "log100", "linear"] {
            let source = try GeneratedMedia.make(
                "tags.mkv",
                "-f lavfi -i testsrc=s=64x64:r=10:d=0.2,format=yuv420p10le -c:v ffv1 -colorspace \(matrix) -color_primaries \(primaries) -color_trc \(transfer)")
            let run = try MediaRun()(source)
            let isRefused = run.failure?.code == .unsupportedCodec && run.failure?.reason.contains("colours are coded") == true
            #expect(run.outcome != nil || isRefused, "\(transfer): \(String(describing: run.failure))")
            #expect(!isRefused || ["ictcp", "bt2020c", "chroma-derived-nc"].contains(matrix), "\(transfer) is refused")
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
