import Foundation
import MediaWire
import Testing

/// Light in candela per square metre goes in, and what an ordinary screen shows of it comes out.
@Suite struct HighDynamicRangeTests {
    enum Kind: String, CaseIterable, Sendable { case pq, hlg }

    /// Greys by their luminance, then colours of BT.709 in BT.2020's numbers at moderate light.
    static let grays = [0.005, 1, 5, 26, 60, 100, 150, 203, 300, 450, 650, 1000.0]
    static let colors = [RGB(hex: 0xAF363C), RGB(hex: 0x469449), RGB(hex: 0x383D96), RGB(hex: 0xC29682), RGB(hex: 0xE7C71F), RGB(hex: 0x0885A1)]
    /// White of these colours, as BT.2408 puts diffuse white.
    static let white = 203.0

    /// Linear light in BT.2020, cd/m².
    static var light: [RGB] {
        grays.map { RGB($0, $0, $0) }
            + colors.map { Primaries.bt709.convert($0.map(Transfer.sRGB), to: .bt2020).map { $0 * white } }
    }

    static func chart(_ kind: Kind) -> Patches {
        switch kind {
        case .pq: Patches(colors: light.map { $0.map { Transfer.pq(nits: $0) } })
        case .hlg: Patches(colors: light.map(hlg))
        }
    }

    /// BT.2100's reference display of 1000 cd/m²: the light shown is the scene's luminance to the power of 1.2.
    static func hlg(_ shown: RGB) -> RGB {
        let luminance = (0.2627 * shown.red + 0.678 * shown.green + 0.0593 * shown.blue) / 1000
        let scene = pow(max(luminance, 1e-9), -0.2 / 1.2)
        return shown.map { Transfer.hlg(scene: min(1, $0 / 1000 * scene)) }
    }

    static func clip(_ kind: Kind, _ name: String = "hdr.mp4", described: Bool = true) throws -> URL {
        let light = described && kind == .pq
            ? ":hdr10=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,200" : ""
        let transfer = kind == .pq ? "smpte2084" : "arib-std-b67"
        return try chart(kind).clip(
            name, .bt2020.with(bits: 10),
            "-c:v libx265 -preset ultrafast -crf 4 -pix_fmt yuv420p10le -x265-params log-level=error:colorprim=bt2020:transfer=\(transfer):colormatrix=bt2020nc:range=limited\(light) \(ColourTests.tags("bt2020", transfer, "bt2020nc"))",
            pictures: 3)
    }

    struct Shown {
        var grays: [RGB]
        var colors: [RGB]
        /// Luminance of each grey as a share of the screen's white.
        var luminance: [Double] { grays.map { Transfer.display(max(0, $0.green)) } }

        func luminance(at nits: Double) -> Double {
            luminance[HighDynamicRangeTests.grays.firstIndex(of: nits) ?? 0]
        }
    }

    static func show(_ source: URL, chart: Patches, isPoster: Bool = false) throws -> Shown {
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let file = try ProbedFile(run.output)
        #expect(file.isPlayableEverywhere)
        #expect([file.video?.color_primaries, file.video?.color_transfer, file.video?.color_space, file.video?.color_range] == ["bt709", "bt709", "bt709", "tv"])
        // Nothing is left that would make a player treat it as HDR.
        let leftovers = file.video?.side_data_list?.compactMap(\.side_data_type) ?? []
        #expect(!leftovers.contains { $0.contains("Mastering") || $0.contains("Content light") || $0.contains("DOVI") }, "\(leftovers)")
        let video = isPoster ? try DecodedVideo(run.poster, format: "yuvj444p") : try DecodedVideo(run.output)
        let measured = chart.measure(in: video, coding: isPoster ? .jpeg : .bt709)
        return Shown(grays: Array(measured[..<grays.count]), colors: Array(measured[grays.count...]))
    }

    static let sources: [(Kind, Bool, Bool)] = [(.pq, true, false), (.pq, false, false), (.hlg, false, false), (.pq, true, true), (.hlg, false, true)]

    @Test(arguments: sources) func isNeitherWashedOutNorClipped(_ kind: Kind, _ described: Bool, _ isPoster: Bool) throws {
        let chart = Self.chart(kind)
        let shown = try Self.show(try Self.clip(kind, described: described), chart: chart, isPoster: isPoster)
        let report = zip(Self.grays, shown.luminance).map { "\($0): \(String(format: "%.3f", $1))" }.joined(separator: ", ")
        // Black stays black, and the darks are not lifted into fog.
        #expect(shown.luminance(at: 0.005) < 0.002, "\(report)")
        #expect(shown.luminance(at: 1) < 0.02, "\(report)")
        // A grey card, 26 cd/m² by BT.2408, is a mid grey: 18 % of white, give or take what curves differ in.
        #expect((0.08...0.26).contains(shown.luminance(at: 26)), "\(report)")
        // A face in the light.
        #expect((0.2...0.6).contains(shown.luminance(at: 60)), "\(report)")
        // Paper is bright, and leaves room above for what shines.
        #expect((0.5...0.97).contains(shown.luminance(at: 203)), "\(report)")
        // Nothing that shines up to 1000 cd/m² melts into one white.
        for (low, high) in zip(shown.luminance, shown.luminance.dropFirst()) { #expect(high > low + 0.001, "\(report)") }
        #expect(shown.luminance(at: 1000) > 0.88, "\(report)")
        #expect(shown.luminance(at: 1000) - shown.luminance(at: 203) > 0.05, "\(report)")
        // Greys are grey.
        for gray in shown.grays { #expect(Lab(gray).chroma < 3, "\(report)") }
    }

    /// White paper on the screen beside the white of a page, and what shines still brighter.
    @Test(arguments: sources) func paperIsWhite(_ kind: Kind, _ described: Bool, _ isPoster: Bool) throws {
        let shown = try Self.show(try Self.clip(kind, described: described), chart: Self.chart(kind), isPoster: isPoster)
        func code(_ nits: Double) -> Double { 255 * min(1, shown.grays[Self.grays.firstIndex(of: nits) ?? 0].green) }
        #expect(code(203) >= 228, "paper is \(code(203)) of 255")
        #expect(code(1000) >= code(203) + 8, "paper is \(code(203)), 1000 cd/m² \(code(1000))")
        #expect(code(26) < 120, "a grey card is \(code(26))")
    }

    /// The same light in BT.2100's other coding, ICtCp, looks as it does in Y′CbCr.
    @Test func intensityAndTwoColours() throws {
        let usual = try Self.show(try Self.clip(.pq, described: false), chart: Self.chart(.pq))
        let coded = Self.light.map { color -> RGB in
            let (r, g, b) = (color.red, color.green, color.blue)
            let l = Transfer.pq(nits: (1688 * r + 2146 * g + 262 * b) / 4096), m = Transfer.pq(nits: (683 * r + 2951 * g + 462 * b) / 4096)
            let s = Transfer.pq(nits: (99 * r + 309 * g + 3688 * b) / 4096)
            return RGB((l + m) / 2, (6610 * l - 13613 * m + 7003 * s) / 4096, (17933 * l - 17390 * m - 543 * s) / 4096)
        }
        var bytes: [UInt8] = []
        let chart = Self.chart(.pq)
        for plane in 0..<3 {
            for y in 0..<chart.height {
                for x in 0..<chart.width {
                    let color = coded[min(coded.count - 1, y / Patches.side * Patches.columns + x / Patches.side)]
                    let level = Int((plane == 0 ? 64 + 876 * color.red : 512 + 896 * (plane == 1 ? color.green : color.blue)).rounded())
                    bytes += [UInt8(level & 255), UInt8(level >> 8)]
                }
            }
        }
        let raw = try GeneratedMedia.write("raw", bytes + bytes)
        let source = try GeneratedMedia.make(
            "ictcp.mkv", "-f rawvideo -pix_fmt yuv444p10le -s \(chart.size) -r 10 -i @0 -c:v ffv1 \(ColourTests.tags("bt2020", "smpte2084", "ictcp"))", from: raw)
        let shown = try Self.show(source, chart: chart)
        for (one, other) in zip(usual.grays + usual.colors, shown.grays + shown.colors) {
            #expect(Lab(one).difference(from: Lab(other)) < 3, "\(one) became \(other)")
        }
    }

    /// Odd sides in 4:2:0.
    @Test(arguments: [1920, 90]) func oddSides(_ maxSide: Int) throws {
        let source = try GeneratedMedia.make(
            "odd.mkv", "-f lavfi -i color=c=0x707850:s=200x200:r=10:d=0.2,format=yuv420p10le,crop=161:121:0:0:exact=1 -c:v ffv1 \(ColourTests.tags("bt2020", "smpte2084", "bt2020nc"))")
        var profile = Profile()
        profile.video.maxSide = maxSide
        let run = try MediaRun()(source, profile: profile)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let video = try DecodedVideo(run.output)
        let middle = Lab(video.color(x: 20, y: 20, width: 8, height: 8)), edge = Lab(video.color(x: video.width - 2, y: 0, width: 2, height: video.height))
        #expect(edge.difference(from: middle) < 2)
    }

    /// Colours keep their hue, and are not paler than the screen forces.
    @Test(arguments: sources) func coloursStayColours(_ kind: Kind, _ described: Bool, _ isPoster: Bool) throws {
        let shown = try Self.show(try Self.clip(kind, described: described), chart: Self.chart(kind), isPoster: isPoster)
        for (wanted, color) in zip(Self.colors, shown.colors) {
            let (reference, seen) = (Lab(wanted), Lab(color))
            let turn = abs((seen.hue - reference.hue + 540).truncatingRemainder(dividingBy: 360) - 180)
            #expect(turn < 12, "hue \(reference.hue) became \(seen.hue)")
            // Brighter or darker by the curve, but as saturated for its lightness.
            let saturation = (seen.chroma / max(1, seen.l)) / (reference.chroma / reference.l)
            #expect((0.7...1.35).contains(saturation), "\(wanted) became \(color): saturation × \(saturation)")
        }
    }

    /// The two ways to write the same light come out alike.
    @Test func bothKindsLookAlike() throws {
        let pq = try Self.show(try Self.clip(.pq), chart: Self.chart(.pq)), hlg = try Self.show(try Self.clip(.hlg), chart: Self.chart(.hlg))
        for (index, nits) in Self.grays.enumerated() where nits >= 5 && nits <= 650 {
            let difference = Lab(pq.grays[index]).difference(from: Lab(hlg.grays[index]))
            #expect(difference < 8, "\(nits) cd/m²: \(pq.grays[index]) and \(hlg.grays[index])")
        }
    }

    /// A film graded for 4000 cd/m² shows its lights too.
    @Test func brightGrading() throws {
        let bright = Patches(
            colors: [26, 203, 1000, 2000, 3000, 4000].map { nits in
                let level = Transfer.pq(nits: nits)
                return RGB(level, level, level)
            })
        let source = try bright.clip(
            "bright.mp4", .bt2020.with(bits: 10),
            "-c:v libx265 -preset ultrafast -crf 4 -pix_fmt yuv420p10le -x265-params log-level=error:hdr10=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(40000000,50):max-cll=4000,400 \(ColourTests.tags("bt2020", "smpte2084", "bt2020nc"))",
            pictures: 3)
        let run = try MediaRun()(source)
        _ = try #require(run.outcome, "\(String(describing: run.failure))")
        let levels = bright.measure(in: try DecodedVideo(run.output)).map(\.green)
        #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 > $0 + 0.004 }, "\(levels)")
        // Paper is still paper, not a grey.
        #expect(levels[1] > 0.62, "\(levels)")
    }
}
