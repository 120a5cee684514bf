internal import CFFmpeg

/// A colour conversion and scaling as a libavfilter chain. The output is 8-bit 4:2:0 in the output's colours.
struct ColourFilters {
    let conversion: ColourConversion
    let colour: Colour
    let format: AVPixelFormat
    /// Pixels of input and output.
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

    /// swscale is best for ranges and sizes; between two matrices it goes through 8-bit RGB, and it only knows some of them.
    private var isMatrixKept: Bool { format.isRGB || format.isGray || colour.matrix == AVCOL_SPC_BT709 }
    private var matrixOfScale: String { format.isRGB ? "" : ":in_color_matrix=bt709" }

    private func scaled(_ range: String, matrix: String) -> String {
        "scale=\(size)\(matrix):out_color_matrix=bt709:\(range):out_range=limited:flags=bicubic+accurate_rnd"
    }

    /// zscale's input options, as numbers of ITU-T H.273: its names differ by version.
    /// - Parameter light: the source of primaries and transfer.
    private func source(_ light: Colour) -> String {
        let matrix = format.isRGB ? AVCOL_SPC_RGB : colour.matrix
        return "min=\(matrix.rawValue):pin=\(light.primaries.rawValue):tin=\(light.transfer.rawValue):rin=\(range)"
    }

    private func toneMapping(_ curve: ToneCurve) -> [String] {
        let primaries = colour.primaries.rawValue
        return [
            // Also set the output's primaries: without them on the frame, zscale finds no path.
            "zscale=\(size):\(source(colour)):p=\(primaries):t=linear:npl=\(ToneCurve.white):f=bicubic", "format=gbrpf32le",
            // The filter is meant for linear light but bends any numbers: here those of the output's signal.
            "zscale=p=1:t=1", "tonemap=tonemap=mobius:param=\(ToneCurve.knee):desat=0:peak=\(curve.peak)",
            "zscale=\(Self.target)", "format=yuv420p",
        ]
    }

    /// zscale rejects sizes that are not multiples of its chroma subsampling: convert to 4:4:4 first.
    private var wholeChroma: [String] {
        guard !format.isRGB, let whole = format.unevenChroma(in: input.width, input.height) else { return [] }
        return ["scale=flags=bicubic+accurate_rnd", "format=\(whole)"]
    }
}

extension AVPixelFormat {
    private var description: UnsafePointer<AVPixFmtDescriptor>? { av_pix_fmt_desc_get(self) }

    var isGray: Bool { description.map { $0.pointee.nb_components <= 2 } ?? false }

    /// The same format without chroma subsampling; nil if the size is a multiple of the subsampling.
    func unevenChroma(in width: Int, _ height: Int) -> String? {
        guard let description, !isGray else { return nil }
        let across = 1 << Int(description.pointee.log2_chroma_w), down = 1 << Int(description.pointee.log2_chroma_h)
        guard !width.isMultiple(of: across) || !height.isMultiple(of: down) else { return nil }
        let depth = description.pointee.comp.0.depth
        return depth <= 8 ? "yuv444p" : "yuv444p\(depth <= 10 ? 10 : depth <= 12 ? 12 : 16)le"
    }
}
