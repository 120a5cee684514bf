internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// Describes the headers and the first packets of a file.
enum Prober {
    /// What fits into one message.
    private static let mostStreams = 120

    static func describe(_ demuxer: Demuxer) -> MediaInfo {
        var info = MediaInfo()
        info.container = demuxer.formatName
        info.duration = demuxer.duration.map { Int($0) }
        info.start = Int(demuxer.start ?? 0)
        info.size = demuxer.size
        info.chapters = demuxer.chapterCount
        info.metadataKeys = demuxer.metadataKeys
        // A limit rejects more; the first ones suffice to identify it.
        let codecs = ContainerCodecs(demuxer)
        info.streams = (0..<min(demuxer.streamCount, mostStreams)).map { index in
            var stream = describe(demuxer.stream(index))
            codecs.correct(&stream, demuxer.stream(index))
            if stream.isDecodable, let name = demuxer.nameOfKind(index), !Decoder.opens(demuxer.stream(index)) {
                (stream.codec, stream.isDecodable) = (name, false)
            }
            return stream
        }
        for var stream in codecs.missing(from: info.streams) {
            stream.index = info.streams.count
            info.streams.append(stream)
        }
        return info
    }

    private static func describe(_ stream: UnsafeMutablePointer<AVStream>) -> StreamInfo {
        var info = StreamInfo()
        guard let parameters = stream.pointee.codecpar else { return info }
        let timeBase = stream.pointee.time_base
        info.index = Int(stream.pointee.index)
        info.kind = kind(of: stream)
        info.codec =
            parameters.pointee.codec_id == AV_CODEC_ID_NONE
            ? tagName(parameters.pointee.codec_tag) : String(cString: avcodec_get_name(parameters.pointee.codec_id))
        info.profile = avcodec_profile_name(parameters.pointee.codec_id, parameters.pointee.profile)
            .map { String(cString: $0) }
        info.isDecodable = Decoder.find(parameters.pointee.codec_id, allowed: allowed(for: info.kind)) != nil
        info.isDefault = stream.pointee.disposition & AV_DISPOSITION_DEFAULT != 0
        let alternative =
            AV_DISPOSITION_COMMENT | AV_DISPOSITION_DUB | AV_DISPOSITION_HEARING_IMPAIRED
            | AV_DISPOSITION_VISUAL_IMPAIRED | AV_DISPOSITION_KARAOKE | AV_DISPOSITION_CLEAN_EFFECTS
            | AV_DISPOSITION_DESCRIPTIONS
        info.isAlternative = stream.pointee.disposition & alternative != 0
        info.language = av_dict_get(stream.pointee.metadata, "language", nil, 0).map { String(String(cString: $0.pointee.value).prefix(16)) }
        info.start = microseconds(stream.pointee.start_time, in: timeBase).map { Int($0) }
        info.duration = microseconds(stream.pointee.duration, in: timeBase).map { Int($0) }
        info.bitrate = parameters.pointee.bit_rate > 0 ? Int(parameters.pointee.bit_rate) : nil
        switch info.kind {
        case .video, .cover: info.picture = picture(stream, parameters)
        case .audio: info.sound = sound(parameters)
        case .subtitle, .data: break
        }
        return info
    }

    /// The file's own name for a codec that FFmpeg does not know.
    static func tagName(_ tag: UInt32) -> String {
        let bytes = stride(from: 0, to: 32, by: 8).map { UInt8(truncatingIfNeeded: tag >> $0) }
        return bytes.allSatisfy { (0x21...0x7E).contains($0) } ? String(decoding: bytes, as: UTF8.self) : "unknown"
    }

    static func allowed(for kind: StreamInfo.Kind) -> Set<String> {
        switch kind {
        case .video: AllowList.videoDecoders
        case .audio: AllowList.audioDecoders
        case .cover: AllowList.coverDecoders
        case .subtitle, .data: []
        }
    }

    static func kind(of stream: UnsafeMutablePointer<AVStream>) -> StreamInfo.Kind {
        switch stream.pointee.codecpar.pointee.codec_type {
        case AVMEDIA_TYPE_VIDEO:
            let stillPicture = AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS
            return stream.pointee.disposition & stillPicture != 0 ? .cover : .video
        case AVMEDIA_TYPE_AUDIO: return .audio
        case AVMEDIA_TYPE_SUBTITLE: return .subtitle
        default: return .data
        }
    }

    private static func picture(
        _ stream: UnsafeMutablePointer<AVStream>, _ parameters: UnsafeMutablePointer<AVCodecParameters>
    ) -> VideoInfo {
        var info = VideoInfo()
        info.width = Int(parameters.pointee.width)
        info.height = Int(parameters.pointee.height)
        // The container's pixel aspect ratio takes precedence over the codec's.
        let shape = [stream.pointee.sample_aspect_ratio, parameters.pointee.sample_aspect_ratio].first { $0.isPixelShape }
        info.sampleAspectWidth = Int(shape?.num ?? 1)
        info.sampleAspectHeight = Int(shape?.den ?? 1)
        let orientation = Orientation.of(stream)
        info.rotation = orientation.quarterTurns * 90
        info.isMirrored = orientation.isMirrored
        info.frameRate = frameRate(stream)
        let format = AVPixelFormat(rawValue: parameters.pointee.format)
        info.pixelFormat = format.name
        info.level = parameters.pointee.level > 0 ? Int(parameters.pointee.level) : nil
        info.set(
            Colour(
                primaries: parameters.pointee.color_primaries, transfer: parameters.pointee.color_trc,
                matrix: parameters.pointee.color_space,
                isFullRange: parameters.pointee.color_range == AVCOL_RANGE_JPEG || format.isFullRangeByName))
        info.fieldOrder = fieldOrder(parameters.pointee.field_order)
        var size = 0
        if let data = shim_stream_side_data(stream, AV_PKT_DATA_DOVI_CONF, &size),
            size >= MemoryLayout<AVDOVIDecoderConfigurationRecord>.size
        {
            info.dolbyVisionProfile = data.withMemoryRebound(to: AVDOVIDecoderConfigurationRecord.self, capacity: 1) {
                Int($0.pointee.dv_profile)
            }
        }
        return info
    }

    /// The average frame rate; if the container has none, the rate of its timestamps.
    private static func frameRate(_ stream: UnsafeMutablePointer<AVStream>) -> Double? {
        let rates = [stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate]
        return rates.first { $0.isPositive && $0.value <= 1000 }?.value
    }

    private static func fieldOrder(_ order: AVFieldOrder) -> String? {
        switch order {
        case AV_FIELD_PROGRESSIVE: "progressive"
        case AV_FIELD_TT: "tt"
        case AV_FIELD_BB: "bb"
        case AV_FIELD_TB: "tb"
        case AV_FIELD_BT: "bt"
        default: nil
        }
    }

    private static func sound(_ parameters: UnsafeMutablePointer<AVCodecParameters>) -> AudioInfo {
        var info = AudioInfo()
        info.sampleRate = Int(parameters.pointee.sample_rate)
        info.channels = Int(parameters.pointee.ch_layout.nb_channels)
        info.layout = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress,
                av_channel_layout_describe(&parameters.pointee.ch_layout, start, 128) > 0
            else { return "" }
            return String(cString: start)
        }
        return info
    }
}

extension VideoInfo {
    mutating func set(_ colour: Colour) {
        colorPrimaries = colour.primaries == AVCOL_PRI_UNSPECIFIED ? nil : colour.primariesName
        colorTransfer = colour.transfer == AVCOL_TRC_UNSPECIFIED ? nil : colour.transferName
        colorMatrix = colour.matrix == AVCOL_SPC_UNSPECIFIED ? nil : colour.matrixName
        isFullRange = colour.isFullRange
    }
}
