internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// A video stream, according to one of its decoded frames: the first, or another after a change.
struct VideoFacts {
    var stream: Int
    var codec: String
    /// Coded pixels.
    var width: Int
    var height: Int
    var pixelShape: AVRational
    var format: AVPixelFormat
    var colour: Colour
    var orientation: Orientation
    var isInterlaced: Bool
    var frameRate: Double?
    /// cd/m² of the brightest point, if known.
    var peakLuminance: Double?
    /// "tff" or "bff" if fields are not flagged and every frame must be deinterlaced.
    var unflaggedField: String?
    /// Defaults for frames without their own values.
    fileprivate var container = ContainerTags()
    /// Values of the previous frames.
    fileprivate var told = Colour.unreported

    /// Interlaced video has the line count and rate of television.
    var couldBeTelevision: Bool {
        height >= 480 && (23...30.5).contains(frameRate ?? 25)
    }

    /// Frames per second. Some streams count fields.
    var storedFrameRate: Double? {
        isInterlaced ? frameRate.map { $0 > Self.fastestOfFields ? $0 / 2 : $0 } : frameRate
    }

    /// Television has at most 30 interlaced frames per second; plus a tolerance for measured rates.
    private static let fastestOfFields = 33.0

    /// Output frames per source frame: each field of interlaced video becomes a frame, if the rate may be that high.
    func picturesPerFrame(maxFrameRate: Double) -> Int {
        isInterlaced && 2 * (storedFrameRate ?? 30) <= maxFrameRate * 1.01 ? 2 : 1
    }
}

/// The container's properties for all frames of a stream.
private struct ContainerTags {
    /// Takes precedence over the frames' own; 0:1 if unspecified.
    var pixelShape = AVRational(num: 0, den: 1)
    var orientation = Orientation.upright
    var colour = Colour.unreported

    /// - Parameter first: its first frame. FFmpeg keeps one value for the container and the
    ///   codec: only what the frame does not specify comes from the container, and applies to later frames, too.
    init(_ stream: UnsafeMutablePointer<AVStream>, first: Frame? = nil) {
        pixelShape = stream.pointee.sample_aspect_ratio
        orientation = Orientation.of(stream)
        let tagged = stream.pointee.codecpar.pointee
        let own = first.map { Colour($0) } ?? .unreported
        if own.primaries == AVCOL_PRI_UNSPECIFIED { colour.primaries = tagged.color_primaries }
        if own.transfer == AVCOL_TRC_UNSPECIFIED { colour.transfer = tagged.color_trc }
        if own.matrix == AVCOL_SPC_UNSPECIFIED { colour.matrix = tagged.color_space }
    }

    init() {}
}

extension VideoFacts {
    /// From the first decoded frame; missing values come from the stream.
    init(_ frame: Frame, stream: UnsafeMutablePointer<AVStream>, info: StreamInfo) {
        self.init(stream: stream, info: info)
        container = ContainerTags(stream, first: frame)
        look(at: frame)
    }

    /// From another frame of the same stream.
    func following(_ frame: Frame) -> VideoFacts {
        var facts = self
        facts.look(at: frame)
        return facts
    }

    private mutating func look(at frame: Frame) {
        let raw = frame.pointer.pointee
        // A sequence of the same kind without values continues with the previous ones.
        let goesOn = width == frame.width && height == frame.height && format == AVPixelFormat(rawValue: raw.format)
        told = goesOn ? Colour(frame).filled(from: told) : Colour(frame)
        width = frame.width
        height = frame.height
        format = AVPixelFormat(rawValue: raw.format)
        pixelShape = [container.pixelShape, raw.sample_aspect_ratio].first(where: \.isPixelShape) ?? AVRational(num: 0, den: 1)
        // One filter serves both kinds, and needs the surrounding frames: it is not removed again.
        isInterlaced = isInterlaced || frame.isInterlaced
        let before = colour
        colour = told.filled(from: container.colour).guessed(width: width, height: height, isRGB: format.isRGB)
        // Decoders only report it with keyframes.
        peakLuminance = frame.peakLuminance ?? (colour.transfer == before.transfer ? peakLuminance : nil)
        if container.orientation == .upright {
            // H.264 has it with the first frame of a sequence, for all of it (ITU-T H.264, D.2.27).
            orientation = Orientation.of(frame) ?? (frame.isKey ? .upright : orientation)
        }
    }

    /// Whether filters for one also fit the other.
    func isShown(like other: VideoFacts) -> Bool {
        width == other.width && height == other.height && format == other.format && colour == other.colour
            && orientation == other.orientation && isInterlaced == other.isInterlaced && peakLuminance == other.peakLuminance
            && av_cmp_q(shape, other.shape) == 0
    }

    /// Square if unspecified.
    private var shape: AVRational { pixelShape.isPositive ? pixelShape : AVRational(num: 1, den: 1) }

    /// From the stream's header alone.
    init(stream: UnsafeMutablePointer<AVStream>, info: StreamInfo) {
        let picture = info.picture ?? VideoInfo()
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
            orientation: Orientation.of(stream), isInterlaced: false, frameRate: picture.frameRate,
            container: ContainerTags(stream))
    }
}

extension Frame {
    /// cd/m² of the brightest point: of the content (CTA-861.3), else of the mastering display (SMPTE ST 2086).
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
