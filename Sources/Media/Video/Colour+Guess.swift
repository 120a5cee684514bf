internal import CFFmpeg

/// What unknown, missing and unusual colour properties mean.
extension Colour {
    /// Fills in what a file leaves out. The matrix follows from the primaries, as in players; without those, from the size (576
    /// lines are PAL, fewer NTSC, more HD). Missing primaries and transfer are taken to be the output's, because unknown
    /// colours are not converted; but HDR is BT.2020, and so is anything with its matrix.
    func guessed(width: Int, height: Int, isRGB: Bool) -> Colour {
        var guess = self.sensible
        if isRGB { guess.matrix = AVCOL_SPC_RGB }
        if guess.matrix == AVCOL_SPC_UNSPECIFIED {
            switch guess.primaries {
            case AVCOL_PRI_BT2020: guess.matrix = AVCOL_SPC_BT2020_NCL
            case AVCOL_PRI_BT709: guess.matrix = AVCOL_SPC_BT709
            case AVCOL_PRI_BT470BG: guess.matrix = AVCOL_SPC_BT470BG
            case AVCOL_PRI_SMPTE170M: guess.matrix = AVCOL_SPC_SMPTE170M
            case _ where guess.isHighDynamicRange: guess.matrix = AVCOL_SPC_BT2020_NCL
            case _ where width >= 1280 || height > 576: guess.matrix = AVCOL_SPC_BT709
            default: guess.matrix = height > 480 ? AVCOL_SPC_BT470BG : AVCOL_SPC_SMPTE170M
            }
        }
        if guess.primaries == AVCOL_PRI_UNSPECIFIED {
            let isWide = guess.isHighDynamicRange || [AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL, AVCOL_SPC_ICTCP].contains(guess.matrix)
            guess.primaries = isWide ? AVCOL_PRI_BT2020 : AVCOL_PRI_BT709
        }
        if guess.transfer == AVCOL_TRC_UNSPECIFIED {
            guess.transfer = isRGB ? AVCOL_TRC_IEC61966_2_1 : AVCOL_TRC_BT709
        }
        return guess
    }

    /// Why these colours cannot be converted, to follow "its colours are coded"; nil if they can.
    var obstacle: String? {
        switch matrix {
        case AVCOL_SPC_ICTCP where !isHighDynamicRange || primaries != AVCOL_PRI_BT2020:
            "as ICtCp, but with a transfer or primaries other than BT.2100's"
        case AVCOL_SPC_BT2020_CL where !Self.television.contains(transfer.rawValue) || primaries != AVCOL_PRI_BT2020:
            "with constant luminance, but with a transfer or primaries other than BT.2020's"
        case AVCOL_SPC_CHROMA_DERIVED_NCL where primaries == AVCOL_PRI_SMPTE428:
            "by a matrix derived from CIE XYZ primaries"
        case _ where Self.unconverted.contains(matrix.rawValue): "by matrix \(matrix.rawValue) of ITU-T H.273"
        default: nil
        }
    }

    /// Reserved numbers are treated as unspecified: they are damage. The identity (0) is not
    /// Y′CbCr: decoders return RGB for it, and ProRes uses it for "unknown".
    private var sensible: Colour {
        var colour = self
        if !Self.primaries.contains(primaries.rawValue) { colour.primaries = AVCOL_PRI_UNSPECIFIED }
        if !Self.transfers.contains(transfer.rawValue) { colour.transfer = AVCOL_TRC_UNSPECIFIED }
        if !Self.matrices.contains(matrix.rawValue), !Self.unconverted.contains(matrix.rawValue) {
            colour.matrix = AVCOL_SPC_UNSPECIFIED
        }
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
            AVCOL_SPC_BT2020_NCL, AVCOL_SPC_YCGCO, AVCOL_SPC_BT2020_CL, AVCOL_SPC_CHROMA_DERIVED_NCL, AVCOL_SPC_ICTCP,
        ].map(\.rawValue))
    private static let television: Set<UInt32> = Set(
        [AVCOL_TRC_BT709, AVCOL_TRC_SMPTE170M, AVCOL_TRC_BT2020_10, AVCOL_TRC_BT2020_12].map(\.rawValue))
    /// SMPTE ST 2085, chroma-derived constant luminance, IPT-C2 and the reversible YCgCo: treating them as other matrices would
    /// produce wrong colours.
    private static let unconverted: Set<UInt32> = [11, 13, 15, 16, 17]
}
