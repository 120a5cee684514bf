internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// A picture stream, as its first decoded frame shows it.
struct PictureFacts {
    var stream: Int
    var codec: String
    /// Pixels as coded.
    var width: Int
    var height: Int
    var pixelShape: AVRational
    var format: AVPixelFormat
    var colour: Colour
    var orientation: Orientation
    var isInterlaced: Bool
    var frameRate: Double?
    /// cd/m² of the brightest point, as far as the film tells.
    var peakLuminance: Double?
    /// "tff" or "bff" where the fields are not flagged and every picture is to be deinterlaced.
    var unflaggedField: String?

    /// Interlaced film has the lines and the rate of television.
    var couldBeTelevision: Bool {
        height >= 480 && (23...30.5).contains(frameRate ?? 25)
    }
}

extension PictureFacts {
    /// From the first decoded picture; what it does not say comes from the stream.
    init(_ frame: Frame, stream: UnsafeMutablePointer<AVStream>, info: StreamInfo) {
        self.init(stream: stream, info: info)
        let raw = frame.pointer.pointee
        width = frame.width
        height = frame.height
        format = AVPixelFormat(rawValue: raw.format)
        if raw.sample_aspect_ratio.isPositive, !stream.pointee.sample_aspect_ratio.isPositive {
            pixelShape = raw.sample_aspect_ratio
        }
        isInterlaced = frame.isInterlaced
        let tagged = stream.pointee.codecpar.pointee
        colour = Colour(
            primaries: raw.color_primaries == AVCOL_PRI_UNSPECIFIED ? tagged.color_primaries : raw.color_primaries,
            transfer: raw.color_trc == AVCOL_TRC_UNSPECIFIED ? tagged.color_trc : raw.color_trc,
            matrix: raw.colorspace == AVCOL_SPC_UNSPECIFIED ? tagged.color_space : raw.colorspace,
            isFullRange: raw.color_range == AVCOL_RANGE_JPEG || format.isFullRangeByName
                || (raw.color_range == AVCOL_RANGE_UNSPECIFIED && format.isRGB)
        ).guessed(width: width, height: height, isRGB: format.isRGB)
        peakLuminance = frame.peakLuminance
        if orientation == .upright, let own = Orientation.of(frame) { orientation = own }
    }

    /// From the stream's header alone.
    init(stream: UnsafeMutablePointer<AVStream>, info: StreamInfo) {
        let picture = info.picture ?? PictureInfo()
        let parameters = stream.pointee.codecpar.pointee
        let format = AVPixelFormat(rawValue: parameters.format)
        self.init(
            stream: info.index, codec: info.codec, width: picture.width, height: picture.height,
            pixelShape: AVRational(num: CInt(picture.sampleAspectWidth), den: CInt(picture.sampleAspectHeight)),
            format: format,
            colour: Colour(
                primaries: parameters.color_primaries, transfer: parameters.color_trc, matrix: parameters.color_space,
                isFullRange: picture.isFullRange
            ).guessed(width: picture.width, height: picture.height, isRGB: format.isRGB),
            orientation: Orientation.of(stream), isInterlaced: false, frameRate: picture.frameRate)
    }
}

extension Frame {
    /// cd/m² of the brightest point: of the film itself (CTA-861.3), else of the screen it was made on (SMPTE ST 2086).
    fileprivate var peakLuminance: Double? {
        if let side = av_frame_get_side_data(pointer, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL),
            side.pointee.size >= MemoryLayout<AVContentLightMetadata>.size
        {
            let level = side.pointee.data.withMemoryRebound(to: AVContentLightMetadata.self, capacity: 1) {
                Double($0.pointee.MaxCLL)
            }
            if level > 0 { return level }
        }
        guard let side = av_frame_get_side_data(pointer, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA),
            side.pointee.size >= MemoryLayout<AVMasteringDisplayMetadata>.size
        else { return nil }
        return side.pointee.data.withMemoryRebound(to: AVMasteringDisplayMetadata.self, capacity: 1) {
            $0.pointee.has_luminance != 0 && $0.pointee.max_luminance.value > 0 ? $0.pointee.max_luminance.value : nil
        }
    }
}
