internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire
internal import Verdicts

/// Writes packets into a container, with an MP4's index at the front. Owns FFmpeg's output context; one thread at a time.
final class Muxer {
    private let context: UnsafeMutablePointer<AVFormatContext>
    private let output: ByteStream
    private let descriptor: CInt
    /// The second reader that FFmpeg opens to move the index to the front.
    private var rereader: ByteStream?
    private var isStarted = false
    private var ends: [Int64] = []
    private(set) var bytes = 0
    private let limit: Int

    /// Writes to `descriptor`, which is empty, seekable, readable, and kept by the caller.
    /// - Parameter format: FFmpeg's name; "null" writes nothing and only inspects the packets.
    init(descriptor: CInt, format: String, outputLimit: Int) throws {
        output = try ByteStream(descriptor: descriptor, direction: .writing, bufferSize: 256 * 1024)
        self.descriptor = descriptor
        limit = outputLimit
        var context: UnsafeMutablePointer<AVFormatContext>?
        try check(avformat_alloc_output_context2(&context, nil, format, ""), "avformat_alloc_output_context2")
        self.context = try allocated(context, "avformat_alloc_output_context2")
        self.context.pointee.pb = output.context
        // No program name and no date: the same source gives the same file.
        self.context.pointee.flags |= CInt(AVFMT_FLAG_CUSTOM_IO) | CInt(AVFMT_FLAG_BITEXACT)
        // FFmpeg holds an unowned pointer to this object, which frees the context and so outlives it.
        self.context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
        self.context.pointee.io_open = { context, result, _, flags, _ in
            guard let context, let result, flags & AVIO_FLAG_WRITE == 0 else { return shim_error_denied }
            return Muxer.from(context).reopen(result)
        }
        self.context.pointee.io_close2 = { context, _ in
            if let context { Muxer.from(context).rereader = nil }
            return 0
        }
    }

    deinit {
        avformat_free_context(context)
    }

    private static func from(_ context: UnsafeMutablePointer<AVFormatContext>) -> Muxer {
        // Set once in `init`, never nil.
        Unmanaged<Muxer>.fromOpaque(context.pointee.opaque.unsafelyUnwrapped).takeUnretainedValue()
    }

    private func reopen(_ result: UnsafeMutablePointer<UnsafeMutablePointer<AVIOContext>?>) -> CInt {
        output.flush()
        rereader = try? ByteStream(descriptor: descriptor, direction: .reading, bufferSize: 256 * 1024)
        result.pointee = rereader?.context
        return rereader == nil ? shim_error_no_memory : 0
    }

    /// Adds a stream for an encoder's packets; returns its index.
    func addStream(_ encoder: Encoder) throws(FFmpegError) -> Int {
        let stream = try allocated(avformat_new_stream(context, nil), "avformat_new_stream")
        try check(
            avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context), "avcodec_parameters_from_context")
        stream.pointee.time_base = encoder.timeBase
        stream.pointee.avg_frame_rate = encoder.context.pointee.framerate
        ends.append(0)
        return Int(stream.pointee.index)
    }

    /// Adds a stream for copied packets; returns its index.
    /// - Parameter colour: the colours of its frames, if they were analysed: then they are upright with square
    ///   pixels, whatever the source's header says. Nil copies the header.
    func addStream(copying source: UnsafeMutablePointer<AVStream>, colour: Colour? = nil) throws(FFmpegError) -> Int {
        let stream = try allocated(avformat_new_stream(context, nil), "avformat_new_stream")
        try check(
            avcodec_parameters_copy(stream.pointee.codecpar, source.pointee.codecpar), "avcodec_parameters_copy")
        // From 6.1 on they hold the side data, too: only what is named below is for the result.
        shim_parameters_drop_side_data(stream.pointee.codecpar)
        // The tag belongs to the source's container; the muxer chooses its own.
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = source.pointee.time_base
        stream.pointee.avg_frame_rate = source.pointee.avg_frame_rate
        // FFmpeg wants both to agree.
        if source.pointee.sample_aspect_ratio.isPositive {
            stream.pointee.codecpar.pointee.sample_aspect_ratio = source.pointee.sample_aspect_ratio
        }
        stream.pointee.sample_aspect_ratio = stream.pointee.codecpar.pointee.sample_aspect_ratio
        // Display properties belong to the frames.
        for type in [
            AV_PKT_DATA_DISPLAYMATRIX, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
            AV_PKT_DATA_DOVI_CONF, AV_PKT_DATA_STEREO3D, AV_PKT_DATA_SPHERICAL,
        ] where colour == nil || type != AV_PKT_DATA_DISPLAYMATRIX {
            try check(shim_stream_copy_side_data(stream, source, type), "copying side data")
        }
        if let colour { set(colour, on: stream) }
        ends.append(0)
        return Int(stream.pointee.index)
    }

    private func set(_ colour: Colour, on stream: UnsafeMutablePointer<AVStream>) {
        stream.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        guard let parameters = stream.pointee.codecpar else { return }
        parameters.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        // Unspecified properties stay unspecified.
        if parameters.pointee.color_primaries != AVCOL_PRI_UNSPECIFIED { parameters.pointee.color_primaries = colour.primaries }
        if parameters.pointee.color_trc != AVCOL_TRC_UNSPECIFIED { parameters.pointee.color_trc = colour.transfer }
        if parameters.pointee.color_space != AVCOL_SPC_UNSPECIFIED { parameters.pointee.color_space = colour.matrix }
    }

    func start() throws(FFmpegError) {
        let code = withOptions(["movflags": "+faststart", "id3v2_version": "0", "write_id3v1": "0"]) { avformat_write_header(context, &$0) }
        try check(code, "avformat_write_header")
        isStarted = true
    }

    /// The call that sends a packet.
    static let writing = "av_write_frame"

    /// The next packet of any stream, with times in `timeBase`; the caller keeps it, modified.
    func write(_ packet: Packet, stream index: Int, timeBase: TimeBase) throws {
        // Checked by `addStream`, which gave the index.
        let stream = context.pointee.streams[index].unsafelyUnwrapped
        av_packet_rescale_ts(packet.pointer, timeBase, stream.pointee.time_base)
        packet.streamIndex = index
        if let pts = packet.pts {
            let end = rescale(pts + packet.pointer.pointee.duration, from: stream.pointee.time_base, to: .microseconds)
            ends[index] = max(ends[index], end)
        }
        bytes += packet.size
        guard bytes <= limit else {
            throw Verdict(.resultTooLarge, detail: "more than \(limit) bytes")
        }
        let code = av_write_frame(context, packet.pointer)
        if let failure = output.failure { throw FFmpegError(call: "writing the output", code: failure) }
        try check(code, Self.writing)
    }

    /// Writes the index and moves it to the front.
    func finish() throws(FFmpegError) {
        guard isStarted else { return }
        let code = av_write_trailer(context)
        output.flush()
        if let failure = output.failure { throw FFmpegError(call: "writing the output", code: failure) }
        try check(code, "av_write_trailer")
    }

    /// Microseconds from zero to the end of the last packet of the longest stream.
    var duration: Int64 { ends.max() ?? 0 }
}

extension FFmpegError {
    /// The muxer, or its bitstream filter, rejects a packet.
    var isOfPacket: Bool { call == Muxer.writing && !isShortage }
}
