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
    /// Nil where the times of the container are one clock by their nature, and after a jump of our own.
    private var clock: ProgramClock?
    private var chain: OggChain?
    private var joins: TrackJoins
    /// PIDs that mean different streams in different parts of the file.
    private let tables: TransportTables?
    private var watch = StragglerWatch()
    /// Joined streams that have begun; stragglers that were handed out; packets that are read and wait.
    private var begun: Set<Int> = []
    private var returned = 0
    private var ahead: [Packet] = []
    private var pictures = PictureTimes()
    private var movie: EditedMovie?
    /// The code with which reading ended before the end of the file, if it did.
    private(set) var brokenOff: CInt?

    /// What is opened at most, to tell that there are more than are allowed.
    private static let maxStreams = 1000

    /// Finds the format by content alone and reads the header and the first packets.
    /// - Parameters:
    ///   - joins: streams whose packets count as those of others.
    ///   - followsEdits: false reads an MP4's media as they are stored, whatever its edit lists say.
    convenience init(descriptor: CInt, joining joins: TrackJoins = TrackJoins(), followsEdits: Bool = true) throws {
        let tables = try TransportTables(ByteStream(descriptor: descriptor, direction: .reading))
        try self.init(descriptor, joins, followsEdits: followsEdits, tables)
    }

    private init(_ descriptor: CInt, _ joins: TrackJoins, followsEdits: Bool = true, _ tables: TransportTables?) throws {
        self.descriptor = descriptor
        self.joins = joins
        self.tables = tables
        let whole = try ByteStream(descriptor: descriptor, direction: .reading)
        guard whole.size > 0 else { throw MediaFailure(.empty, "The file is empty.") }
        base = MotionPhoto.filmOffset(in: whole) ?? 0
        stream = base == 0 ? whole : try ByteStream(descriptor: descriptor, direction: .reading, base: base)
        stream.transport = tables
        let boxes = base == 0 && MovieBoxes.begins(stream) ? try MovieBoxes(descriptor: descriptor) : nil
        stream.mends = boxes?.mends?.bytes ?? [:]
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
        if joins.reach > 0 {
            options["probesize"] = "\(joins.reach)"
            options["analyzeduration"] = "\(latestTime)"
            // Of a transport stream also the tables of streams that come later; others do not know it.
            options["scan_all_pmts"] = "1"
        }
        if isMovie, !followsEdits || movie != nil {
            options["ignore_editlist"] = "1"
        } else if isMovie {
            options.merge(boxes?.header?.editListOptions ?? [:]) { $1 }
        }
        let code = withOptions(options) { avformat_open_input(&context, nil, format, &$0) }
        guard code >= 0, let context else { throw Demuxer.failure(opening: code, stream) }
        self.context = context
        guard avformat_find_stream_info(context, nil) >= 0 || context.pointee.nb_streams > 0 else {
            throw MediaFailure(.damaged, "The file is damaged: nothing in it can be read.", detail: FFmpegLog.lastLines())
        }
        clock = clockRules.map(ProgramClock.init)
        if formatName == "ogg", streamCount == 1 { chain = OggChain(stream(0)) }
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
    /// For a look at the bytes themselves.
    var bytes: ByteStream { stream }
    var size: Int { Int(stream.size) }
    /// How the container's times may jump; nil where they cannot.
    private var clockRules: ProgramClock.Rules? {
        if context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0 {
            return ProgramClock.Rules(forward: 10_000_000, backward: -100_000)
        }
        // Their gaps are meant. That time goes back, where recordings were joined byte by byte, cannot be.
        let mayGoBack = ["matroska,webm", "flv", "asf", "rm"].contains(formatName)
        return mayGoBack ? ProgramClock.Rules(forward: nil, backward: -1_000_000) : nil
    }
    /// The file holds no times: FFmpeg counts packets, all of them as long as the first.
    var countsPackets: Bool { ["aac", "mp3", "ac3", "eac3", "amr", "dts"].contains(formatName) }
    /// Streams may begin on the way: no header names them all.
    var mayGainStreams: Bool { ["mpegts", "mpeg"].contains(formatName) || context.pointee.ctx_flags & AVFMTCTX_NOHEADER != 0 }
    var streamCount: Int { Int(context.pointee.nb_streams) }
    var chapterCount: Int { Int(context.pointee.nb_chapters) }
    /// What part of the bytes that the file's own structure promises is there, 0...1. Looked up in the file each time.
    var presentShare: Double {
        guard let promise = PromisedSize.of(stream), promise > stream.size else { return 1 }
        return Double(stream.size) / Double(promise)
    }

    /// Microseconds at which the last sample begins by the sample table of an MP4; nil for other files, and where it has none.
    func indexEnd(_ index: Int) -> Int64? {
        guard formatName.hasPrefix("mov,") else { return nil }
        let count = avformat_index_get_entries_count(stream(index))
        guard count > 0, let last = avformat_index_get_entry(stream(index), count - 1) else { return nil }
        return microseconds(last.pointee.timestamp, in: timeBase(index))
    }

    /// Microseconds at which a track ends by Matroska's tag DURATION ("00:00:06.021000000").
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
    /// The duration counts from zero, not from where the film starts.
    var countsFromZero: Bool { formatName == "matroska,webm" }

    /// Nil where the file is no MP4.
    func boxes() throws(FFmpegError) -> MovieBoxes? {
        base == 0 && formatName.hasPrefix("mov,") ? try MovieBoxes(descriptor: descriptor) : nil
    }

    /// What an MP3 consists of.
    func soundFrames() throws(FFmpegError) -> MPEGAudioScan { try MPEGAudioScan(ByteStream(descriptor: descriptor, direction: .reading)) }

    /// Borrowed: valid as long as the demuxer.
    func stream(_ index: Int) -> UnsafeMutablePointer<AVStream> {
        // Checked by every caller against `streamCount`; FFmpeg fills the array to there.
        context.pointee.streams[index].unsafelyUnwrapped
    }

    func isPicture(_ index: Int) -> Bool { stream(index).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO }

    func timeBase(_ index: Int) -> TimeBase { stream(index).pointee.time_base }

    /// The container's name for a stream.
    func title(_ index: Int) -> String? {
        av_dict_get(stream(index).pointee.metadata, "title", nil, 0).map { String(cString: $0.pointee.value) }
    }

    /// The table of all samples is in memory.
    private(set) lazy var hasWholeIndex: Bool = {
        guard formatName.hasPrefix("mov,") else { return false }
        return base > 0 || (try? boxes())??.isFragmented == false
    }()

    /// What an AAC stream is where it is of a kind that has a name of its own (ISO/IEC 14496-3, table 1.17); nil else.
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
            stream(index).pointee.discard = indices.contains(joins.head(of: index)) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
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
        guard clock != nil else { return try nextPicture() }
        while true {
            if let packet = clock?.take() { return packet }
            guard let packet = try nextPicture() else { break }
            clock?.put(packet, timeBase: timeBase(packet.streamIndex))
        }
        clock?.finish()
        return clock?.take()
    }

    /// By the edit lists, and with the times at which pictures are shown.
    private func nextPicture() throws -> Packet? {
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
        (clock, chain) = (nil, nil)
        pictures.restart()
        try check(av_seek_frame(context, CInt(index), time, CInt(AVSEEK_FLAG_BACKWARD)), "av_seek_frame")
    }

    private func read() throws -> Packet? {
        while let packet = try readPacket() {
            if try chain?.take(packet) != false { return packet }
        }
        return nil
    }

    private func readPacket() throws -> Packet? {
        if !ahead.isEmpty { return ahead.removeFirst() }
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
        guard joins.isJoined(packet.streamIndex), packet.streamIndex < streamCount else { return packet }
        return try join(packet) ?? readPacket()
    }

    /// From here on, the packets of these streams count as those of the streams that they continue.
    func join(_ joins: TrackJoins) { self.joins = joins }

    var reach: Int64 { joins.reach }

    /// The packet as one of the stream that its own continues, after those that should have come before it; nil where it was
    /// handed out already.
    private func join(_ packet: Packet) throws -> Packet? {
        let index = packet.streamIndex
        let head = joins.head(of: index)
        let kind = stream(index).pointee.codecpar.pointee.codec_type
        guard watch.successor(of: packet, kind: kind, isOf: { joins.head(of: $0) == head }) == nil else { return nil }
        if joins.heads[index] != nil, begun.insert(index).inserted {
            // Those of all kinds: sound that came after the picture's seam would be taken for the next part's.
            while returned < joins.stragglers.count, joins.stragglers[returned].pointer.pointee.pos < packet.pointer.pointee.pos {
                ahead.append(rename(try joins.stragglers[returned].reference()))
                returned += 1
            }
        }
        ahead.append(rename(packet))
        return ahead.removeFirst()
    }

    private func rename(_ packet: Packet) -> Packet {
        let head = joins.head(of: packet.streamIndex)
        guard head < streamCount, packet.streamIndex < streamCount else { return packet }
        av_packet_rescale_ts(packet.pointer, timeBase(packet.streamIndex), timeBase(head))
        packet.streamIndex = head
        return packet
    }

    /// The same file from its beginning.
    func reopened() throws -> Demuxer { try Demuxer(descriptor, joins, tables) }

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

/// Lends a dictionary of options to one call and frees what the call left in it.
func withOptions<Result>(
    _ options: [String: String], _ body: (inout OpaquePointer?) throws -> Result
) rethrows -> Result {
    var dictionary: OpaquePointer?
    for (key, value) in options { av_dict_set(&dictionary, key, value, 0) }
    defer { av_dict_free(&dictionary) }
    return try body(&dictionary)
}
