import Foundation

/// Three numbers of a colour, 0...1 each where it can be shown.
struct RGB: Equatable {
    var red, green, blue: Double

    init(_ red: Double, _ green: Double, _ blue: Double) { (self.red, self.green, self.blue) = (red, green, blue) }

    /// Eight-bit numbers, 0xRRGGBB.
    init(hex: Int) {
        self.init(Double(hex >> 16 & 255) / 255, Double(hex >> 8 & 255) / 255, Double(hex & 255) / 255)
    }

    func map(_ change: (Double) -> Double) -> RGB { RGB(change(red), change(green), change(blue)) }
}

/// How R′G′B′ becomes Y′CbCr (ITU-T H.273): computed here from the published formulas, not by our own code.
struct ColorCoding {
    /// The share of red and of blue in luma.
    var red: Double
    var blue: Double
    var isFullRange = false
    var bits = 8

    static let bt709 = ColorCoding(red: 0.2126, blue: 0.0722)
    static let bt601 = ColorCoding(red: 0.299, blue: 0.114)
    static let bt2020 = ColorCoding(red: 0.2627, blue: 0.0593)
    static let jpeg = ColorCoding(red: 0.299, blue: 0.114, isFullRange: true)

    func with(bits: Int? = nil, fullRange: Bool? = nil) -> ColorCoding {
        var copy = self
        copy.bits = bits ?? copy.bits
        copy.isFullRange = fullRange ?? copy.isFullRange
        return copy
    }

    private var unit: Double { Double(1 << (bits - 8)) }
    private var top: Double { Double((1 << bits) - 1) }

    func encode(_ color: RGB) -> [Int] {
        let luma = red * color.red + (1 - red - blue) * color.green + blue * color.blue
        let cb = (color.blue - luma) / (2 * (1 - blue)), cr = (color.red - luma) / (2 * (1 - red))
        let levels =
            isFullRange
            ? [luma * top, cb * top + 128 * unit, cr * top + 128 * unit]
            : [(16 + 219 * luma) * unit, (128 + 224 * cb) * unit, (128 + 224 * cr) * unit]
        return levels.map { Int(min(top, max(0, $0)).rounded()) }
    }

    func decode(_ y: Double, _ u: Double, _ v: Double) -> RGB {
        let luma = isFullRange ? y / top : (y / unit - 16) / 219
        let scale = isFullRange ? top : 224 * unit
        let cb = (u - 128 * unit) / scale, cr = (v - 128 * unit) / scale
        let r = luma + 2 * (1 - red) * cr, b = luma + 2 * (1 - blue) * cb
        return RGB(r, (luma - red * r - blue * b) / (1 - red - blue), b)
    }
}

/// A set of primaries by their chromaticities, white D65.
struct Primaries {
    /// Linear RGB to CIE XYZ, by rows.
    let toXYZ: [[Double]]

    static let bt709 = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
    static let bt2020 = Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
    static let smpte170m = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
    static let bt470bg = Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06))
    static let displayP3 = Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))

    init(_ red: (Double, Double), _ green: (Double, Double), _ blue: (Double, Double)) {
        func xyz(_ point: (Double, Double)) -> [Double] { [point.0 / point.1, 1, (1 - point.0 - point.1) / point.1] }
        let columns = [xyz(red), xyz(green), xyz(blue)]
        let rows = (0..<3).map { row in columns.map { $0[row] } }
        let scale = Matrix.apply(Matrix.inverse(rows), to: xyz((0.3127, 0.3290)))
        toXYZ = rows.map { row in zip(row, scale).map { $0 * $1 } }
    }

    /// A linear colour of these primaries in terms of others.
    func convert(_ color: RGB, to other: Primaries) -> RGB {
        let xyz = Matrix.apply(toXYZ, to: [color.red, color.green, color.blue])
        let rgb = Matrix.apply(Matrix.inverse(other.toXYZ), to: xyz)
        return RGB(rgb[0], rgb[1], rgb[2])
    }
}

/// Three by three numbers, by rows.
enum Matrix {
    static func apply(_ m: [[Double]], to v: [Double]) -> [Double] {
        m.map { $0[0] * v[0] + $0[1] * v[1] + $0[2] * v[2] }
    }

    static func inverse(_ m: [[Double]]) -> [[Double]] {
        func minor(_ r: Int, _ c: Int) -> Double {
            let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3)
            return m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
        }
        let determinant = (0..<3).reduce(0) { $0 + m[0][$1] * minor(0, $1) }
        return (0..<3).map { r in (0..<3).map { c in minor(c, r) / determinant } }
    }
}

/// The curves between light and numbers.
enum Transfer {
    /// BT.1886: what a display makes of BT.709, BT.601 and BT.2020 numbers.
    static func display(_ value: Double) -> Double { value < 0 ? -pow(-value, 2.4) : pow(value, 2.4) }
    static func undisplay(_ light: Double) -> Double { light < 0 ? -pow(-light, 1 / 2.4) : pow(light, 1 / 2.4) }

    static func sRGB(_ value: Double) -> Double {
        value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }

    /// SMPTE ST 2084: candela per square metre to a number.
    static func pq(nits: Double) -> Double {
        let y = pow(max(0, nits) / 10_000, 0.1593017578125)
        return pow((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y), 78.84375)
    }

    /// BT.2100 HLG: light of the scene (0...1) to a number.
    static func hlg(scene: Double) -> Double {
        let a = 0.17883277, b = 0.28466892, c = 0.55991073
        return scene <= 1.0 / 12 ? (3 * max(0, scene)).squareRoot() : a * log(12 * scene - b) + c
    }
}
