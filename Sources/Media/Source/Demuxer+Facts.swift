internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// What the container says about the file and its streams.
extension Demuxer {
    /// How the container's timestamps may jump; nil if they cannot.
    var clockRules: ProgramClock.Rules? {
        if context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 {
            return ProgramClock.Rules(forward: 10_000_000, backward: -100_000)
        }
        // Gaps are intended. Backward jumps, from files concatenated byte by byte, are not.
        let mayGoBack = ["matroska,webm", "flv", "asf", "rm"].contains(formatName)
        return mayGoBack ? ProgramClock.Rules(forward: nil, backward: -1_000_000) : nil
    }
    /// The file has no timestamps: FFmpeg counts packets, all with the duration of the first.
    var countsPackets: Bool { ["aac", "mp3", "ac3", "eac3", "amr", "dts"].contains(formatName) }
    /// Streams may begin midway: no header lists them all.
    var mayGainStreams: Bool { ["mpegts", "mpeg"].contains(formatName) || context.pointee.ctx_flags & AVFMTCTX_NOHEADER != 0 }
    var streamCount: Int { Int(context.pointee.nb_streams) }
    var chapterCount: Int { Int(context.pointee.nb_chapters) }
    /// The share of the promised bytes that exist, 0...1. Read from the file each time.
    var presentShare: Double {
        guard let promise = PromisedSize.of(bytes), promise > bytes.size else { return 1 }
        return Double(bytes.size) / Double(promise)
    }

    /// The start of the last sample in microseconds, by the sample table of an MP4; nil without one.
    func indexEnd(_ index: Int) -> Int64? {
        guard formatName.hasPrefix("mov,") else { return nil }
        let count = avformat_index_get_entries_count(stream(index))
        guard count > 0, let last = avformat_index_get_entry(stream(index), count - 1) else { return nil }
        return microseconds(last.pointee.timestamp, in: timeBase(index))
    }

    /// The end of a track in microseconds, from Matroska's tag DURATION ("00:00:06.021000000").
    func durationTag(_ index: Int) -> Int64? {
        guard formatName == "matroska,webm",
            let entry = av_dict_get(stream(index).pointee.metadata, "DURATION", nil, CInt(AV_DICT_IGNORE_SUFFIX))
        else { return nil }
        let parts = String(cString: entry.pointee.value).split(separator: ":").compactMap { Double($0) }
        guard parts.count == 3, parts.allSatisfy({ (0..<1e6).contains($0) }) else { return nil }
        return Int64((parts[0] * 3600 + parts[1] * 60 + parts[2]) * 1_000_000)
    }

    /// Microseconds.
    var duration: Int64? { timestamp(context.pointee.duration).flatMap { (1...latestTime).contains($0) ? $0 : nil } }
    var start: Int64? { timestamp(context.pointee.start_time).flatMap { (-latestTime...latestTime).contains($0) ? $0 : nil } }
    /// The duration counts from zero, not from the start of the media.
    var countsFromZero: Bool { formatName == "matroska,webm" }

    /// Nil if the file is not an MP4.
    func boxes() throws(FFmpegError) -> MovieBoxes? {
        base == 0 && formatName.hasPrefix("mov,") ? try MovieBoxes(descriptor: descriptor) : nil
    }

    /// The structure of an MP3.
    func soundFrames() throws(FFmpegError) -> MPEGAudioScan { try MPEGAudioScan(ByteStream(descriptor: descriptor, direction: .reading)) }

    /// The container's name for a stream.
    func title(_ index: Int) -> String? {
        av_dict_get(stream(index).pointee.metadata, "title", nil, 0).map { String(cString: $0.pointee.value) }
    }

    /// The AAC object type, if it has its own name (ISO/IEC 14496-3, table 1.17); else nil.
    func nameOfKind(_ index: Int) -> String? {
        let parameters = stream(index).pointee.codecpar.pointee
        guard parameters.codec_id == AV_CODEC_ID_AAC, parameters.extradata_size >= 2, let bytes = parameters.extradata else { return nil }
        var type = Int(bytes[0] >> 3)
        if type == 31 { type = 32 + (Int(bytes[0] & 7) << 3 | Int(bytes[1] >> 5)) }
        return switch type {
        case 42: "xHE-AAC"
        case 1...5, 29: nil
        default: "AAC of object type \(type)"
        }
    }

    func metadata(_ key: String) -> String? {
        av_dict_get(context.pointee.metadata, key, nil, 0).map { String(cString: $0.pointee.value) }
    }

    /// A limited number of keys: enough to see that there are more than the harmless ones.
    var metadataKeys: [String] {
        var keys: [String] = []
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while keys.count < 100, let next = av_dict_get(context.pointee.metadata, "", entry, CInt(AV_DICT_IGNORE_SUFFIX)) {
            keys.append(String(String(cString: next.pointee.key).prefix(64)))
            entry = next
        }
        return keys
    }

    /// Common encryption (ISO/IEC 23001-7) and Matroska's ContentEncryption, as far as FFmpeg reports them.
    func isEncrypted(_ index: Int) -> Bool {
        var size = 0
        let stream = stream(index)
        return shim_stream_side_data(stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, &size) != nil
            || shim_stream_side_data(stream, AV_PKT_DATA_ENCRYPTION_INFO, &size) != nil
            || av_dict_get(stream.pointee.metadata, "enc_key_id", nil, 0) != nil
    }

    /// The decoding time of the last keyframe at or before a time, from the file's index; nil if unknown.
    func keyframe(of index: Int, before time: Int64) -> Int64? {
        avformat_index_get_entry_from_timestamp(stream(index), time, CInt(AVSEEK_FLAG_BACKWARD))?.pointee.timestamp
    }
}
