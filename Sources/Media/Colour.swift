internal import CFFmpeg

/// What the numbers of a picture mean: primaries, transfer, matrix (ITU-T H.273) and range.
struct Colour: Equatable {
    var primaries: AVColorPrimaries
    var transfer: AVColorTransferCharacteristic
    var matrix: AVColorSpace
    var isFullRange: Bool

    static let target = Colour(
        primaries: AVCOL_PRI_BT709, transfer: AVCOL_TRC_BT709, matrix: AVCOL_SPC_BT709, isFullRange: false)

    var isHighDynamicRange: Bool { transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67 }

    /// Fills in what a file leaves out, by the rules that players use: the tags that are there decide the others;
    /// with none, the size does (576 lines are PAL, fewer NTSC, more HD).
    func guessed(width: Int, height: Int, isRGB: Bool) -> Colour {
        var guess = self
        let isHD = width >= 1280 || height > 576
        let standard = (height > 480 && height <= 576) ? AVCOL_PRI_BT470BG : AVCOL_PRI_SMPTE170M
        if !guess.isKnown(guess.matrix) {
            switch guess.primaries {
            case _ where isRGB: guess.matrix = AVCOL_SPC_RGB
            case AVCOL_PRI_BT2020: guess.matrix = AVCOL_SPC_BT2020_NCL
            case AVCOL_PRI_BT709: guess.matrix = AVCOL_SPC_BT709
            case AVCOL_PRI_BT470BG: guess.matrix = AVCOL_SPC_BT470BG
            case AVCOL_PRI_SMPTE170M: guess.matrix = AVCOL_SPC_SMPTE170M
            default:
                guess.matrix =
                    isHD
                    ? (guess.isHighDynamicRange ? AVCOL_SPC_BT2020_NCL : AVCOL_SPC_BT709)
                    : (standard == AVCOL_PRI_BT470BG ? AVCOL_SPC_BT470BG : AVCOL_SPC_SMPTE170M)
            }
        }
        if guess.primaries == AVCOL_PRI_UNSPECIFIED || guess.primaries == AVCOL_PRI_RESERVED0
            || guess.primaries == AVCOL_PRI_RESERVED
        {
            switch guess.matrix {
            case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: guess.primaries = AVCOL_PRI_BT2020
            case AVCOL_SPC_BT470BG: guess.primaries = AVCOL_PRI_BT470BG
            case AVCOL_SPC_SMPTE170M: guess.primaries = isHD ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M
            case AVCOL_SPC_SMPTE240M: guess.primaries = AVCOL_PRI_SMPTE240M
            default: guess.primaries = guess.isHighDynamicRange ? AVCOL_PRI_BT2020 : AVCOL_PRI_BT709
            }
        }
        if guess.transfer == AVCOL_TRC_UNSPECIFIED || guess.transfer == AVCOL_TRC_RESERVED0
            || guess.transfer == AVCOL_TRC_RESERVED
        {
            guess.transfer = isRGB ? AVCOL_TRC_IEC61966_2_1 : AVCOL_TRC_BT709
        }
        return guess
    }

    private func isKnown(_ matrix: AVColorSpace) -> Bool {
        matrix != AVCOL_SPC_UNSPECIFIED && matrix != AVCOL_SPC_RESERVED
    }

    var primariesName: String? { av_color_primaries_name(primaries).map { String(cString: $0) } }
    var transferName: String? { av_color_transfer_name(transfer).map { String(cString: $0) } }
    var matrixName: String? { av_color_space_name(matrix).map { String(cString: $0) } }
}

extension AVPixelFormat {
    private var descriptor: UnsafePointer<AVPixFmtDescriptor>? { av_pix_fmt_desc_get(self) }

    var name: String { descriptor.map { String(cString: $0.pointee.name) } ?? "unknown" }
    var isRGB: Bool { flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 || isPalette }
    var isPalette: Bool { flags & UInt64(AV_PIX_FMT_FLAG_PAL) != 0 }
    var hasAlpha: Bool { flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0 || isPalette }
    private var flags: UInt64 { descriptor?.pointee.flags ?? 0 }
    /// The old JPEG formats say "full range" by their name.
    var isFullRangeByName: Bool { name.hasPrefix("yuvj") }
}
