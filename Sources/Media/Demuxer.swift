internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// Reads packets from an open file. Owns FFmpeg's input context; one thread at a time.
final class Demuxer {
    private let descriptor: CInt
    private let base: Int64
    private let stream: ByteStream
    private let context: UnsafeMutablePointer<AVFormatContext>
    /// Packets that were read ahead to look at the file, handed out again in order.
    private var replay: [Packet] = []
    private var replayed = 0
    private var pictures = PictureTimes()
    private var movie: EditedMovie?
    /// The code with which reading ended before the end of the file, if it did.
    private(set) var brokenOff: CInt?

    /// What is opened at most, to tell that there are more than are allowed.
    private static let maxStreams = 1000

    /// Finds the format by content alone and reads the header and the first packets.
    /// - Parameter followsEdits: false reads an MP4's media as they are stored, whatever its edit lists say.
    init(descriptor: CInt, followsEdits: Bool = true) throws {
        self.descriptor = descriptor
        let whole = try ByteStream(descriptor: descriptor, direction: .reading)
        guard whole.size > 0 else { throw MediaFailure(.empty, "The file is empty.") }
        base = MotionPhoto.filmOffset(in: whole) ?? 0
        stream = base == 0 ? whole : try ByteStream(descriptor: descriptor, direction: .reading, base: base)
        let format = try Demuxer.identify(stream)
        let isMovie = base == 0 && String(cString: format.pointee.name).hasPrefix("mov,")
        let movie =
            isMovie && followsEdits
            ? try EditedMovie(EditList.all(in: stream)) { try Demuxer(descriptor: descriptor, followsEdits: false) } : nil
        var context = avformat_alloc_context()
        guard context != nil else { throw FFmpegError(call: "avformat_alloc_context", code: shim_error_no_memory) }
        context?.pointee.pb = stream.context
        // Whatever else a file wants opened is refused: it names no other file and no address.
        context?.pointee.io_open = { _, _, _, _, _ in shim_error_denied }
        // Frees what it was given where it fails.
        var options = [
            "protocol_whitelist": "none", "format_whitelist": String(cString: format.pointee.name),
            "codec_whitelist": AllowList.codecs, "max_streams": "\(Demuxer.maxStreams)",
        ]
        if isMovie, !followsEdits || movie != nil { options["ignore_editlist"] = "1" }
        let code = withOptions(options) { avformat_open_input(&context, nil, format, &$0) }
        guard code >= 0, let context else { throw Demuxer.failure(opening: code, stream) }
        self.context = context
        guard avformat_find_stream_info(context, nil) >= 0 || context.pointee.nb_streams > 0 else {
            throw MediaFailure(.damaged, "The file is damaged: nothing in it can be read.", detail: FFmpegLog.lastLines())
        }
        if let movie { follow(movie) } else { pictures = try PictureTimes(self) }
    }

    /// The header says how long the media are; what counts is how long they play.
    private func follow(_ movie: EditedMovie) {
        self.movie = movie
        var whole: ClosedRange<Int64>?
        for index in 0..<streamCount {
            let stream = stream(index)
            guard let span = movie.span(stream) else { continue }
            stream.pointee.start_time = rescale(span.lowerBound, from: .microseconds, to: stream.pointee.time_base)
            stream.pointee.duration = rescale(span.upperBound - span.lowerBound, from: .microseconds, to: stream.pointee.time_base)
            whole = min(whole?.lowerBound ?? span.lowerBound, span.lowerBound)...max(whole?.upperBound ?? 0, span.upperBound)
        }
        guard let whole else { return }
        context.pointee.start_time = whole.lowerBound
        context.pointee.duration = whole.upperBound - whole.lowerBound
    }

    /// Edit lists put several parts of the media together.
    var isEdited: Bool { movie != nil }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = self.context
        avformat_close_input(&context)
    }

    var formatName: String { String(cString: context.pointee.iformat.pointee.name) }
    var size: Int { Int(stream.size) }
    /// The container's times are a clock that may jump.
    var mayResetClock: Bool { context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 }
    /// The file holds no times: FFmpeg counts packets, all of them as long as the first.
    var countsPackets: Bool { ["aac", "mp3", "ac3", "eac3", "amr", "dts"].contains(formatName) }
    var streamCount: Int { Int(context.pointee.nb_streams) }
    var chapterCount: Int { Int(context.pointee.nb_chapters) }
    /// What part of the bytes that the header promises is there, 0...1.
    var presentShare: Double {
        guard let promise = PromisedSize.of(stream), promise > stream.size else { return 1 }
        return Double(stream.size) / Double(promise)
    }

    /// Microseconds.
    var duration: Int64? { timestamp(context.pointee.duration).flatMap { (1...latestTime).contains($0) ? $0 : nil } }
    var start: Int64? { timestamp(context.pointee.start_time).flatMap { (-latestTime...latestTime).contains($0) ? $0 : nil } }
    /// The duration counts from zero, not from where the film starts.
    var countsFromZero: Bool { formatName == "matroska,webm" }

    /// Nil where the file is no MP4.
    func boxes() throws(FFmpegError) -> MovieBoxes? {
        base == 0 && formatName.hasPrefix("mov,") ? try MovieBoxes(descriptor: descriptor) : nil
    }

    /// Borrowed: valid as long as the demuxer.
    func stream(_ index: Int) -> UnsafeMutablePointer<AVStream> {
        // Checked by every caller against `streamCount`; FFmpeg fills the array to there.
        context.pointee.streams[index].unsafelyUnwrapped
    }

    func isPicture(_ index: Int) -> Bool { stream(index).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO }

    func timeBase(_ index: Int) -> TimeBase { stream(index).pointee.time_base }

    func metadata(_ key: String) -> String? {
        av_dict_get(context.pointee.metadata, key, nil, 0).map { String(cString: $0.pointee.value) }
    }

    /// Some of the keys, where there are very many: enough to tell that there are more than the harmless ones.
    var metadataKeys: [String] {
        var keys: [String] = []
        var entry: UnsafeMutablePointer<AVDictionaryEntry>?
        while keys.count < 100, let next = av_dict_get(context.pointee.metadata, "", entry, CInt(AV_DICT_IGNORE_SUFFIX)) {
            keys.append(String(String(cString: next.pointee.key).prefix(64)))
            entry = next
        }
        return keys
    }

    /// Common encryption (ISO/IEC 23001-7) and Matroska's ContentEncryption, as far as FFmpeg tells.
    func isEncrypted(_ index: Int) -> Bool {
        var size = 0
        let stream = stream(index)
        return shim_stream_side_data(stream, AV_PKT_DATA_ENCRYPTION_INIT_INFO, &size) != nil
            || shim_stream_side_data(stream, AV_PKT_DATA_ENCRYPTION_INFO, &size) != nil
            || av_dict_get(stream.pointee.metadata, "enc_key_id", nil, 0) != nil
    }

    /// Only the packets of these streams are read from here on.
    func select(_ indices: Set<Int>) throws {
        try movie?.select(indices)
        for index in 0..<streamCount {
            stream(index).pointee.discard = indices.contains(index) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        }
    }

    /// The next packet, or nil at the end of the file or of what can be read of it.
    func next() throws -> Packet? {
        if replayed < replay.count {
            replayed += 1
            return replay[replayed - 1]
        }
        replay = []
        replayed = 0
        if movie != nil { return try movie?.next() }
        return try pictures.next { try read() }
    }

    /// The pictures of a stream got other times than those of the file.
    var mendsDisplayTimes: Bool { pictures.mends }

    /// The times are handed out as the file has them, for a file of the same kind.
    func keepStoredTimes() { pictures = PictureTimes() }

    /// Hands these packets out again before anything else.
    func rewind(_ packets: [Packet]) {
        replay = packets
        replayed = 0
    }

    /// The decoding time of the last keyframe at or before a time of the stream, by the file's index; nil where it tells none.
    func keyframe(of index: Int, before time: Int64) -> Int64? {
        avformat_index_get_entry_from_timestamp(stream(index), time, CInt(AVSEEK_FLAG_BACKWARD))?.pointee.timestamp
    }

    /// Jumps to the last keyframe at or before a time of the stream.
    func seek(stream index: Int, to time: Int64) throws(FFmpegError) {
        pictures.restart()
        try check(av_seek_frame(context, CInt(index), time, CInt(AVSEEK_FLAG_BACKWARD)), "av_seek_frame")
    }

    private func read() throws -> Packet? {
        let packet = try Packet()
        let code = av_read_frame(context, packet.pointer)
        if code == shim_error_eof { return nil }
        if code < 0 {
            if let failure = stream.failure { throw FFmpegError(call: "reading the source", code: failure) }
            if code == shim_error_no_memory, let shortage = Demuxer.shortage("av_read_frame") { throw shortage }
            brokenOff = code
            return nil
        }
        forgetNonsense(packet)
        return packet
    }

    /// What counts in no clock is as if the file did not say it.
    private func forgetNonsense(_ packet: Packet) {
        guard packet.streamIndex < streamCount else { return }
        let timeBase = timeBase(packet.streamIndex)
        func isSensible(_ time: Int64) -> Bool { microseconds(time, in: timeBase) != nil }
        if let pts = packet.pts, !isSensible(pts) { packet.pointer.pointee.pts = shim_nopts }
        if let dts = packet.dts, !isSensible(dts) { packet.pointer.pointee.dts = shim_nopts }
        if !isSensible(packet.pointer.pointee.duration) { packet.pointer.pointee.duration = 0 }
    }

    private static func identify(_ stream: ByteStream) throws -> UnsafePointer<AVInputFormat> {
        var format: UnsafePointer<AVInputFormat>?
        let code = av_probe_input_buffer2(stream.context, &format, "", nil, 0, 0)
        if let failure = stream.failure { throw FFmpegError(call: "reading the source", code: failure) }
        let name = format.map { String(cString: $0.pointee.name) }
        let beginning = stream.peek(512)
        if let refusal = Refusal.stillPicture(beginning) { throw refusal }
        guard code >= 0, let format, let name, AllowList.demuxers.contains(name) else {
            throw Refusal.failure(format: name, beginning: beginning)
        }
        return format
    }

    /// FFmpeg says that there is no memory where there is room for no further stream, and where a number in the file asks
    /// for more than any machine has. Nil: it is damage of that kind.
    private static func shortage(_ call: String) -> (any Error)? {
        let error = FFmpegError(call: call, code: shim_error_no_memory)
        guard !error.log.contains("max_streams") else {
            return MediaFailure(.overStreams, "The file has more than \(maxStreams) streams.", detail: error.description)
        }
        return MemoryHeadroom.isGone ? error : nil
    }

    private static func failure(opening code: CInt, _ stream: ByteStream) -> any Error {
        let log = FFmpegLog.lastLines()
        if let failure = stream.failure { return FFmpegError(call: "reading the source", code: failure) }
        if code == shim_error_no_memory, let shortage = shortage("avformat_open_input") { return shortage }
        if log.contains("moov atom not found") {
            return MediaFailure(
                .truncated, "The file is incomplete: its index is missing. The upload may have been cut short.",
                detail: log)
        }
        return MediaFailure(.damaged, "The file is damaged: its beginning cannot be read.", detail: log)
    }
}

extension AllowList {
    static let decoders = videoDecoders.union(audioDecoders).union(coverDecoders)
    /// For FFmpeg's own check, comma-separated.
    static let codecs = decoders.joined(separator: ",")
}

/// Lends a dictionary of options to one call and frees what the call left in it.
func withOptions<Result>(
    _ options: [String: String], _ body: (inout OpaquePointer?) throws -> Result
) rethrows -> Result {
    var dictionary: OpaquePointer?
    for (key, value) in options { av_dict_set(&dictionary, key, value, 0) }
    defer { av_dict_free(&dictionary) }
    return try body(&dictionary)
}
