internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire
internal import Verdicts

/// Reads packets from an open file. Owns FFmpeg's input context; one thread at a time.
final class Demuxer {
    let descriptor: CInt
    /// The offset of the media in the file.
    let base: Int64
    private let stream: ByteStream
    let context: UnsafeMutablePointer<AVFormatContext>
    /// Packets that were read ahead for the analysis, returned again in order.
    private var replay: [Packet] = []
    private var replayed = 0
    /// Nil if the container's timestamps are always one clock, and after a seek.
    private var clock: ProgramClock?
    private var chain: OggChain?
    private(set) var joins: TrackJoins
    private var watch = LatePacketDetector()
    /// Started joined streams; stragglers already returned; packets read ahead.
    private var begun: Set<Int> = []
    private var returned = 0
    private var ahead: [Packet] = []
    private var pictures = VideoTimestamps()
    private var movie: EditedMovie?
    /// The error that ended reading before the end of the file, if any.
    private(set) var brokenOff: CInt?

    /// The maximum number of streams to open: more than the limit, to detect an excess.
    static let maxStreams = 1000

    /// Detects the format by content alone and reads the header and the first packets.
    /// - Parameters:
    ///   - joins: streams whose packets count as those of others.
    ///   - followsEdits: false reads an MP4's media as stored, ignoring edit lists.
    ///   - tick: called at every step of what may take long.
    convenience init(
        descriptor: CInt, joining joins: TrackJoins = TrackJoins(), followsEdits: Bool = true, tick: () throws -> Void = {}
    ) throws {
        var joins = joins
        if joins.tables == nil { joins.tables = try TransportTables(ByteStream(descriptor: descriptor, direction: .reading), tick: tick) }
        try self.init(descriptor, joins, followsEdits: followsEdits)
    }

    private init(_ descriptor: CInt, _ joins: TrackJoins, followsEdits: Bool = true) throws {
        self.descriptor = descriptor
        self.joins = joins
        let whole = try ByteStream(descriptor: descriptor, direction: .reading)
        guard whole.size > 0 else { throw Verdict(.emptyFile) }
        base = MotionPhoto.filmOffset(in: whole) ?? 0
        stream = base == 0 ? whole : try ByteStream(descriptor: descriptor, direction: .reading, base: base)
        if let tables = joins.tables, tables.isNeeded {
            stream.rewrite = { bytes, position, peek in tables.rewrite(bytes, at: position) { peek(TransportPacket.size, $0) } }
        }
        let boxes = base == 0 && MovieBoxes.begins(stream) ? try MovieBoxes(descriptor: descriptor) : nil
        stream.repairs = boxes?.repairs?.bytes ?? [:]
        let format = try Demuxer.identify(stream)
        let isMovie = base == 0 && String(cString: format.pointee.name).hasPrefix("mov,")
        let movie =
            isMovie && followsEdits
            ? try EditedMovie(EditList.all(in: stream)) { try Demuxer(descriptor: descriptor, followsEdits: false) } : nil
        var context = avformat_alloc_context()
        guard context != nil else { throw FFmpegError(call: "avformat_alloc_context", code: shim_error_no_memory) }
        context?.pointee.pb = stream.context
        // Nothing else is ever opened for a file: no other file and no address.
        context?.pointee.io_open = { _, _, _, _, _ in shim_error_denied }
        // Frees its argument on failure.
        var options = [
            "protocol_whitelist": "none", "format_whitelist": String(cString: format.pointee.name),
            "codec_whitelist": AllowList.codecs, "max_streams": "\(Demuxer.maxStreams)",
        ]
        if joins.reach > 0 {
            options["probesize"] = "\(joins.reach)"
            options["analyzeduration"] = "\(latestTime)"
            // For a transport stream, also the tables of later streams; other demuxers do not know the option.
            options["scan_all_pmts"] = "1"
        }
        if isMovie, !followsEdits || movie != nil {
            options["ignore_editlist"] = "1"
        } else if isMovie {
            options.merge(boxes?.header?.editListOptions ?? [:]) { $1 }
        }
        let code = withOptions(options) { avformat_open_input(&context, nil, format, &$0) }
        guard code >= 0, let context else { throw Demuxer.failure(opening: code, String(cString: format.pointee.name), stream, boxes) }
        self.context = context
        guard avformat_find_stream_info(context, nil) >= 0 || context.pointee.nb_streams > 0 else {
            throw Verdict(.unreadable, detail: FFmpegLog.lastLines())
        }
        clock = clockRules.map(ProgramClock.init)
        if formatName == "ogg", streamCount == 1 { chain = OggChain(stream(0)) }
        // From 6.1 on, FFmpeg sums up the decoding times, which end before the last frame is shown.
        if isMovie, let duration = boxes?.header?.microseconds { context.pointee.duration = duration }
        if let movie { follow(movie) } else { pictures = try VideoTimestamps(self) }
    }

    /// The header has the duration of the media; the playing time counts.
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

    /// Edit lists assemble several parts of the media.
    var isEdited: Bool { movie != nil }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = self.context
        avformat_close_input(&context)
    }

    var formatName: String { String(cString: context.pointee.iformat.pointee.name) }
    /// For reading the raw bytes.
    var bytes: ByteStream { stream }
    var size: Int { Int(stream.size) }
    /// Borrowed: valid as long as the demuxer.
    func stream(_ index: Int) -> UnsafeMutablePointer<AVStream> {
        // Checked by every caller against `streamCount`; FFmpeg fills the array to there.
        context.pointee.streams[index].unsafelyUnwrapped
    }

    func isPicture(_ index: Int) -> Bool { stream(index).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO }

    func timeBase(_ index: Int) -> TimeBase { stream(index).pointee.time_base }

    /// The table of all samples is in memory.
    private(set) lazy var hasWholeIndex: Bool = {
        guard formatName.hasPrefix("mov,") else { return false }
        return base > 0 || (try? boxes())??.isFragmented == false
    }()

    /// From here on, only the packets of these streams are read.
    func select(_ indices: Set<Int>) throws {
        try movie?.select(indices)
        for index in 0..<streamCount {
            stream(index).pointee.discard = indices.contains(joins.head(of: index)) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        }
    }

    /// The next packet, or nil at the end of the file or of its readable part.
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

    /// With edit lists applied, and with display times.
    private func nextPicture() throws -> Packet? {
        if movie != nil { return try movie?.next() }
        return try pictures.next { try read() }
    }

    /// The frames of a stream got other timestamps than those of the file.
    var repairsDisplayTimes: Bool { pictures.repairs }

    /// Returns the timestamps as in the file, for a file of the same kind.
    func keepStoredTimes() { pictures = VideoTimestamps() }

    /// Returns these packets again before any others.
    func rewind(_ packets: [Packet]) {
        replay = packets
        replayed = 0
    }

    /// Seeks to the last keyframe at or before a time of the stream.
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

    /// The packet as one of the stream that its own continues, after those that should have come before it; nil if it was
    /// returned already.
    private func join(_ packet: Packet) throws -> Packet? {
        let index = packet.streamIndex
        let head = joins.head(of: index)
        let kind = stream(index).pointee.codecpar.pointee.codec_type
        guard watch.successor(of: packet, kind: kind, isOf: { joins.head(of: $0) == head }) == nil else { return nil }
        if joins.heads[index] != nil, begun.insert(index).inserted {
            // Of all kinds: audio after the video's seam would be taken for the next part's.
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
    func reopened() throws -> Demuxer { try Demuxer(descriptor, joins) }

    /// A timestamp without a valid time base counts as unspecified.
    private func forgetNonsense(_ packet: Packet) {
        guard packet.streamIndex < streamCount else { return }
        let timeBase = timeBase(packet.streamIndex)
        func isSensible(_ time: Int64) -> Bool { microseconds(time, in: timeBase) != nil }
        if let pts = packet.pts, !isSensible(pts) { packet.pointer.pointee.pts = shim_nopts }
        if let dts = packet.dts, !isSensible(dts) { packet.pointer.pointee.dts = shim_nopts }
        if !isSensible(packet.pointer.pointee.duration) { packet.pointer.pointee.duration = 0 }
    }

}
