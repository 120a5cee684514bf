import Foundation

/// A chart of even patches in known colours, six in a row.
struct Patches {
    let colors: [RGB]
    static let side = 32
    static let columns = 6

    /// The ColorChecker's 24 patches as sRGB (X-Rite's published averages), the cyan moved into the gamut.
    static let chart = Patches(
        colors: [
            0x735244, 0xC29682, 0x627A9D, 0x576C43, 0x8580B1, 0x67BDAA, 0xD67E2C, 0x505BA6, 0xC15A63, 0x5E3C6C,
            0x9DBC40, 0xE0A32E, 0x383D96, 0x469449, 0xAF363C, 0xE7C71F, 0xBB5695, 0x0885A1, 0xF3F3F2, 0xC8C8C8,
            0xA0A0A0, 0x7A7A79, 0x555555, 0x343434,
        ].map(RGB.init(hex:)))

    var width: Int { Self.columns * Self.side }
    var height: Int { (colors.count + Self.columns - 1) / Self.columns * Self.side }
    var size: String { "\(width)x\(height)" }

    private func index(_ x: Int, _ y: Int) -> Int {
        min(colors.count - 1, y / Self.side * Self.columns + x / Self.side)
    }

    /// One picture, planar Y′CbCr 4:4:4, little-endian beyond eight bits; what ffmpeg calls yuv444p or yuv444p10le.
    func planar(_ coding: ColorCoding) -> [UInt8] {
        let levels = colors.map(coding.encode)
        var bytes: [UInt8] = []
        for plane in 0..<3 {
            for y in 0..<height {
                for x in 0..<width {
                    let level = levels[index(x, y)][plane]
                    bytes.append(UInt8(level & 255))
                    if coding.bits > 8 { bytes.append(UInt8(level >> 8)) }
                }
            }
        }
        return bytes
    }

    /// One picture, rgba.
    func packed(alpha: UInt8 = 255) -> [UInt8] {
        var bytes: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let color = colors[index(x, y)]
                bytes += [color.red, color.green, color.blue].map { UInt8(($0 * 255).rounded()) } + [alpha]
            }
        }
        return bytes
    }

    /// A clip of this chart, its numbers made here; `encoding` must not convert them.
    func clip(_ name: String, _ coding: ColorCoding, _ encoding: String, pictures: Int = 5) throws -> URL {
        let picture = planar(coding)
        let raw = try GeneratedMedia.write("raw", (0..<pictures).flatMap { _ in picture })
        let format = coding.bits > 8 ? "yuv444p\(coding.bits)le" : "yuv444p"
        return try GeneratedMedia.make(
            name, "-f rawvideo -pix_fmt \(format) -s \(size) -r 10 -i @0 \(encoding)", from: raw)
    }

    /// What stands in the middle of each patch of a picture of any proportions.
    func measure(in video: DecodedVideo, picture: Int = 0, coding: ColorCoding = .bt709) -> [RGB] {
        let (across, down) = (Double(video.width) / Double(width), Double(video.height) / Double(height))
        let inset = Double(Self.side) / 4
        return colors.indices.map { index in
            let x = Double(index % Self.columns * Self.side) + inset, y = Double(index / Self.columns * Self.side) + inset
            return video.color(
                picture: picture, x: Int(x * across), y: Int(y * down), width: Int(inset * 2 * across),
                height: Int(inset * 2 * down), coding: coding)
        }
    }

    /// The mean difference between these and measured colours.
    func mean(_ measured: [RGB]) -> Double {
        zip(colors, measured).map { Lab($0).difference(from: Lab($1)) }.reduce(0, +) / Double(colors.count)
    }

    /// The largest difference between these and measured colours.
    func worst(_ measured: [RGB]) -> Double {
        zip(colors, measured).map { Lab($0).difference(from: Lab($1)) }.max() ?? 0
    }

    func map(_ change: (RGB) -> RGB) -> Patches { Patches(colors: colors.map(change)) }

    /// The same light written in numbers of other primaries.
    func converted(to primaries: Primaries) -> Patches {
        map { Primaries.bt709.convert($0.map(Transfer.display), to: primaries).map(Transfer.undisplay) }
    }
}

/// CIELAB under D65, of a colour on an sRGB screen.
struct Lab {
    var l, a, b: Double

    init(_ color: RGB) {
        let light = color.map { Transfer.sRGB(min(1, max(0, $0))) }
        let xyz = Matrix.apply(Primaries.bt709.toXYZ, to: [light.red, light.green, light.blue])
        func f(_ t: Double) -> Double { t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116 }
        let (x, y, z) = (f(xyz[0] / 0.95047), f(xyz[1]), f(xyz[2] / 1.08883))
        (l, a, b) = (116 * y - 16, 500 * (x - y), 200 * (y - z))
    }

    init(l: Double, a: Double, b: Double) { (self.l, self.a, self.b) = (l, a, b) }

    var chroma: Double { hypot(a, b) }
    /// Degrees.
    var hue: Double { (atan2(b, a) * 180 / .pi + 360).truncatingRemainder(dividingBy: 360) }

    /// CIEDE2000 (Sharma, Wu, Dalal 2005).
    func difference(from other: Lab) -> Double {
        func radians(_ degrees: Double) -> Double { degrees * .pi / 180 }
        let mean = pow((chroma + other.chroma) / 2, 7)
        let g = 0.5 * (1 - (mean / (mean + 6_103_515_625)).squareRoot())
        let one = Lab(l: l, a: (1 + g) * a, b: b), two = Lab(l: other.l, a: (1 + g) * other.a, b: other.b)
        let deltaL = two.l - one.l, deltaC = two.chroma - one.chroma
        let isGray = one.chroma * two.chroma == 0
        var deltaHue = isGray ? 0 : two.hue - one.hue
        if deltaHue > 180 { deltaHue -= 360 } else if deltaHue < -180 { deltaHue += 360 }
        let deltaH = 2 * (one.chroma * two.chroma).squareRoot() * sin(radians(deltaHue / 2))
        let meanL = (one.l + two.l) / 2, meanC = (one.chroma + two.chroma) / 2
        var meanHue = one.hue + two.hue
        if !isGray {
            let isFar = abs(one.hue - two.hue) > 180
            meanHue = isFar ? (meanHue < 360 ? meanHue + 360 : meanHue - 360) / 2 : meanHue / 2
        }
        let t =
            1 - 0.17 * cos(radians(meanHue - 30)) + 0.24 * cos(radians(2 * meanHue))
            + 0.32 * cos(radians(3 * meanHue + 6)) - 0.20 * cos(radians(4 * meanHue - 63))
        let c7 = pow(meanC, 7)
        let rotation =
            -2 * (c7 / (c7 + 6_103_515_625)).squareRoot() * sin(radians(60 * exp(-pow((meanHue - 275) / 25, 2))))
        let away = pow(meanL - 50, 2)
        let sl = 1 + 0.015 * away / (20 + away).squareRoot(), sc = 1 + 0.045 * meanC, sh = 1 + 0.015 * meanC * t
        let (dl, dc, dh) = (deltaL / sl, deltaC / sc, deltaH / sh)
        return (dl * dl + dc * dc + dh * dh + rotation * dc * dh).squareRoot()
    }
}
