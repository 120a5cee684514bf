internal import CFFmpeg

/// The colour properties of a picture: primaries, transfer, matrix (ITU-T H.273) and range.
struct Colour: Equatable {
    var primaries: AVColorPrimaries
    var transfer: AVColorTransferCharacteristic
    var matrix: AVColorSpace
    var isFullRange: Bool

    static let target = Colour(
        primaries: AVCOL_PRI_BT709, transfer: AVCOL_TRC_BT709, matrix: AVCOL_SPC_BT709, isFullRange: false)

    static let unreported = Colour(
        primaries: AVCOL_PRI_UNSPECIFIED, transfer: AVCOL_TRC_UNSPECIFIED, matrix: AVCOL_SPC_UNSPECIFIED, isFullRange: false)

    var isHighDynamicRange: Bool { transfer == AVCOL_TRC_SMPTE2084 || transfer == AVCOL_TRC_ARIB_STD_B67 }

    /// Fills missing values from another.
    func filled(from other: Colour) -> Colour {
        Colour(
            primaries: primaries == AVCOL_PRI_UNSPECIFIED ? other.primaries : primaries,
            transfer: transfer == AVCOL_TRC_UNSPECIFIED ? other.transfer : transfer,
            matrix: matrix == AVCOL_SPC_UNSPECIFIED ? other.matrix : matrix, isFullRange: isFullRange)
    }

    var primariesName: String? { av_color_primaries_name(primaries).map { String(cString: $0) } }
    var transferName: String? { av_color_transfer_name(transfer).map { String(cString: $0) } }
    /// swscale's name, if it knows the matrix.
    var swscaleMatrix: String {
        switch matrix {
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: "smpte170m"
        case AVCOL_SPC_SMPTE240M: "smpte240m"
        case AVCOL_SPC_FCC: "fcc"
        case AVCOL_SPC_BT2020_NCL: "bt2020"
        default: "bt709"
        }
    }
    var matrixName: String? { av_color_space_name(matrix).map { String(cString: $0) } }
}

extension Colour {
    /// The properties of a decoded picture itself.
    init(_ frame: Frame) {
        let raw = frame.pointer.pointee, format = AVPixelFormat(rawValue: raw.format)
        self.init(
            primaries: raw.color_primaries, transfer: raw.color_trc, matrix: raw.colorspace,
            isFullRange: raw.color_range == AVCOL_RANGE_JPEG || format.isFullRangeByName
                || (raw.color_range == AVCOL_RANGE_UNSPECIFIED && format.isRGB))
    }
}

extension AVPixelFormat {
    private var descriptor: UnsafePointer<AVPixFmtDescriptor>? { av_pix_fmt_desc_get(self) }

    var name: String { descriptor.map { String(cString: $0.pointee.name) } ?? "unknown" }
    var isRGB: Bool { flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 || isPalette }
    var isPalette: Bool { flags & UInt64(AV_PIX_FMT_FLAG_PAL) != 0 }
    var hasAlpha: Bool { flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0 || isPalette }
    private var flags: UInt64 { descriptor?.pointee.flags ?? 0 }
    /// The old JPEG formats imply full range.
    var isFullRangeByName: Bool { name.hasPrefix("yuvj") }
}
