internal import CFFmpeg

/// A colour conversion and a change of size in libavfilter's words. What comes out is 8-bit 4:2:0 in the output's colours.
struct ColourFilters {
    let conversion: ColourConversion
    let colour: Colour
    let format: AVPixelFormat
    /// Pixels of what comes in and what goes out.
    let input: (width: Int, height: Int)
    let output: (width: Int, height: Int)

    var filters: [String] {
        switch conversion {
        case .recode where isMatrixKept: [scaled("in_range=\(range)", matrix: matrixOfScale), "format=yuv420p"]
        case .recode: wholeChroma + ["zscale=\(size):\(source(.target)):\(Self.target):f=bicubic", "format=yuv420p"]
        case .relight: wholeChroma + ["zscale=\(size):\(source(colour)):\(Self.target):f=bicubic", "format=yuv420p"]
        case .toneMap(let curve): wholeChroma + toneMapping(curve)
        }
    }

    private static let target = "m=1:p=1:t=1:r=limited"

    private var size: String { "w=\(output.width):h=\(output.height)" }
    private var range: String { colour.isFullRange ? "full" : "limited" }

    /// swscale changes ranges and sizes best; between two matrices it goes by way of eight-bit RGB, and knows but some of them.
    private var isMatrixKept: Bool { format.isRGB || format.isGray || colour.matrix == AVCOL_SPC_BT709 }
    private var matrixOfScale: String { format.isRGB ? "" : ":in_color_matrix=bt709" }

    private func scaled(_ range: String, matrix: String) -> String {
        "scale=\(size)\(matrix):out_color_matrix=bt709:\(range):out_range=limited:flags=bicubic+accurate_rnd"
    }

    /// zscale's words for what comes in, by the numbers of ITU-T H.273: its names differ by version.
    /// - Parameter light: of which the primaries and the transfer are.
    private func source(_ light: Colour) -> String {
        let matrix = format.isRGB ? AVCOL_SPC_RGB : colour.matrix
        return "min=\(matrix.rawValue):pin=\(light.primaries.rawValue):tin=\(light.transfer.rawValue):rin=\(range)"
    }

    private func toneMapping(_ curve: ToneCurve) -> [String] {
        let primaries = colour.primaries.rawValue
        return [
            // The primaries are named for the output too: a frame that does not say them leaves zscale no way.
            "zscale=\(size):\(source(colour)):p=\(primaries):t=linear:npl=\(ToneCurve.white):f=bicubic", "format=gbrpf32le",
            // The filter speaks of linear light and bends any numbers: here those of the output's signal.
            "zscale=p=1:t=1", "tonemap=tonemap=mobius:param=\(ToneCurve.knee):desat=0:peak=\(curve.peak)",
            "zscale=\(Self.target)", "format=yuv420p",
        ]
    }

    /// zscale takes no picture whose sides do not divide by those of its chroma: it gets chroma for every pixel.
    private var wholeChroma: [String] {
        guard !format.isRGB, let whole = format.unevenChroma(in: input.width, input.height) else { return [] }
        return ["scale=flags=bicubic+accurate_rnd", "format=\(whole)"]
    }
}

extension AVPixelFormat {
    private var description: UnsafePointer<AVPixFmtDescriptor>? { av_pix_fmt_desc_get(self) }

    var isGray: Bool { description.map { $0.pointee.nb_components <= 2 } ?? false }

    /// The name of the same format with chroma for every pixel; nil where the sides divide by those of a chroma sample.
    func unevenChroma(in width: Int, _ height: Int) -> String? {
        guard let description, !isGray else { return nil }
        let across = 1 << Int(description.pointee.log2_chroma_w), down = 1 << Int(description.pointee.log2_chroma_h)
        guard !width.isMultiple(of: across) || !height.isMultiple(of: down) else { return nil }
        let depth = description.pointee.comp.0.depth
        return depth <= 8 ? "yuv444p" : "yuv444p\(depth <= 10 ? 10 : depth <= 12 ? 12 : 16)le"
    }
}
