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
        var guess = self.sensible(isRGB: isRGB)
        let isHD = width >= 1280 || height > 576
        let standard = (height > 480 && height <= 576) ? AVCOL_PRI_BT470BG : AVCOL_PRI_SMPTE170M
        if guess.matrix == AVCOL_SPC_UNSPECIFIED {
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
        if guess.primaries == AVCOL_PRI_UNSPECIFIED {
            switch guess.matrix {
            case AVCOL_SPC_BT2020_NCL: guess.primaries = AVCOL_PRI_BT2020
            case AVCOL_SPC_BT470BG: guess.primaries = AVCOL_PRI_BT470BG
            case AVCOL_SPC_SMPTE170M: guess.primaries = isHD ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M
            case AVCOL_SPC_SMPTE240M: guess.primaries = AVCOL_PRI_SMPTE240M
            default: guess.primaries = guess.isHighDynamicRange ? AVCOL_PRI_BT2020 : AVCOL_PRI_BT709
            }
        }
        if guess.transfer == AVCOL_TRC_UNSPECIFIED {
            guess.transfer = isRGB ? AVCOL_TRC_IEC61966_2_1 : AVCOL_TRC_BT709
        }
        return guess
    }

    /// Tags that no film has, and that nothing converts, are as if the file did not say them: they are damage.
    private func sensible(isRGB: Bool) -> Colour {
        var colour = self
        if !Self.primaries.contains(primaries.rawValue) { colour.primaries = AVCOL_PRI_UNSPECIFIED }
        if !Self.transfers.contains(transfer.rawValue) { colour.transfer = AVCOL_TRC_UNSPECIFIED }
        let isMatrixKnown = Self.matrices.contains(matrix.rawValue) || (isRGB && matrix == AVCOL_SPC_RGB)
        if !isMatrixKnown { colour.matrix = AVCOL_SPC_UNSPECIFIED }
        return colour
    }

    private static let primaries: Set<UInt32> = Set(
        [
            AVCOL_PRI_BT709, AVCOL_PRI_BT470M, AVCOL_PRI_BT470BG, AVCOL_PRI_SMPTE170M, AVCOL_PRI_SMPTE240M,
            AVCOL_PRI_FILM, AVCOL_PRI_BT2020, AVCOL_PRI_SMPTE428, AVCOL_PRI_SMPTE431, AVCOL_PRI_SMPTE432, AVCOL_PRI_EBU3213,
        ].map(\.rawValue))
    private static let transfers: Set<UInt32> = Set(
        [
            AVCOL_TRC_BT709, AVCOL_TRC_GAMMA22, AVCOL_TRC_GAMMA28, AVCOL_TRC_SMPTE170M, AVCOL_TRC_LINEAR,
            AVCOL_TRC_LOG, AVCOL_TRC_LOG_SQRT, AVCOL_TRC_IEC61966_2_4, AVCOL_TRC_IEC61966_2_1,
            AVCOL_TRC_BT2020_10, AVCOL_TRC_BT2020_12, AVCOL_TRC_SMPTE2084, AVCOL_TRC_ARIB_STD_B67,
        ].map(\.rawValue))
    private static let matrices: Set<UInt32> = Set(
        [
            AVCOL_SPC_BT709, AVCOL_SPC_FCC, AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M, AVCOL_SPC_SMPTE240M,
            AVCOL_SPC_BT2020_NCL,
        ].map(\.rawValue))

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
