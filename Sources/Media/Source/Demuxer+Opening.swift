internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire
internal import Verdicts

/// Detects the format by content, and explains why a file cannot be opened.
extension Demuxer {
    static func identify(_ stream: ByteStream) throws -> UnsafePointer<AVInputFormat> {
        var format: UnsafePointer<AVInputFormat>?
        let code = av_probe_input_buffer2(stream.context, &format, "", nil, 0, 0)
        if let failure = stream.failure { throw FFmpegError(call: "reading the source", code: failure) }
        let name = format.map { String(cString: $0.pointee.name) }
        let beginning = stream.peek(512)
        if let refusal = Refusal.stillPicture(beginning) { throw refusal }
        guard code >= 0, let format, let name, AllowList.demuxers.contains(name) else {
            throw Refusal.verdict(format: name, beginning: beginning)
        }
        return format
    }

    /// FFmpeg reports ENOMEM if there is no room for another stream, and if a number in the file requests
    /// more than any machine has. Nil: it is damage of the latter kind.
    static func shortage(_ call: String) -> (any Error)? {
        let error = FFmpegError(call: call, code: shim_error_no_memory)
        if FFmpegLog.sawFullDemuxer { return Verdict(.tooManyTracks(allowed: maxStreams), detail: error.description) }
        return MemoryShortage.exists ? error : nil
    }

    /// - Parameter boxes: an MP4's, as far as its structure is valid.
    static func failure(opening code: CInt, _ format: String, _ stream: ByteStream, _ boxes: MovieBoxes?) -> any Error {
        let log = FFmpegLog.lastLines()
        if let failure = stream.failure { return FFmpegError(call: "reading the source", code: failure) }
        if code == shim_error_no_memory, let shortage = shortage("avformat_open_input") { return shortage }
        // From FFmpeg 7 on, encrypted fragments fail here.
        if boxes?.isEncrypted == true { return Verdict(.encrypted, detail: log) }
        if format.hasPrefix("mov,"), !MovieBoxes.hasIndex(stream) { return Verdict(.indexMissing, detail: log) }
        return Verdict(.damagedHeader, detail: log)
    }
}
