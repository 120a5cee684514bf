internal import CFFmpeg
internal import CFFmpegShims

/// Corrects the timestamps of video packets, if their format has no display times.
struct VideoTimestamps {
    /// Formats with display times, which some programs omit. Broadcast streams and ASF always have them.
    private static let mayLackThem: Set<String> = ["matroska,webm", "flv", "mov,mp4,m4a,3gp,3g2,mj2", "nut"]

    private var times: [Int: DisplayTimes] = [:]
    /// Splits AVI chunks with two frames ("packed bitstream").
    private var unpackers: [Int: BitstreamFilter] = [:]
    private var ready: ArraySlice<Packet> = []
    private var isAtEnd = false

    /// Leaves all timestamps unchanged.
    init() {}

    init(_ demuxer: Demuxer) throws {
        let isAVI = demuxer.formatName == "avi"
        guard isAVI || Self.mayLackThem.contains(demuxer.formatName) else { return }
        let sounds = (0..<demuxer.streamCount).filter { demuxer.stream($0).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO }
        let soundStart = sounds.first.flatMap { microseconds(demuxer.stream($0).pointee.start_time, in: demuxer.timeBase($0)) }
        for index in 0..<demuxer.streamCount {
            let stream = demuxer.stream(index)
            guard stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO else { continue }
            times[index] = try DisplayTimes(stream, meaning: isAVI ? .decoding : .unknown, soundStart: soundStart)
            guard times[index] != nil, stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_MPEG4 else { continue }
            let unpacker = try BitstreamFilter("mpeg4_unpack_bframes", stream: stream)
            // The marker for packed bitstreams would mislead the decoder.
            try check(avcodec_parameters_copy(stream.pointee.codecpar, unpacker.parameters), "avcodec_parameters_copy")
            unpackers[index] = unpacker
        }
    }

    /// A stream got other timestamps than those of the file.
    var repairs: Bool { times.values.contains { $0.meaning == .decoding } }

    /// The next packet, or nil at the end.
    /// - Parameter read: reads the next one from the file.
    mutating func next(_ read: () throws -> Packet?) throws -> Packet? {
        while true {
            if let packet = ready.popFirst() { return packet }
            guard !isAtEnd else { return nil }
            guard let packet = try read() else {
                isAtEnd = true
                for index in times.keys.sorted() { ready += times[index]?.rest() ?? [] }
                continue
            }
            guard let times = times[packet.streamIndex] else { return packet }
            guard try unpack(packet) else { continue }
            ready += times.take(packet)
        }
    }

    /// False if there is no output: a damaged packet, or a placeholder.
    private func unpack(_ packet: Packet) throws -> Bool {
        guard let unpacker = unpackers[packet.streamIndex], packet.size > 0 else { return true }
        do {
            return try unpacker.filter(packet)
        } catch let error where error.code != shim_error_no_memory {
            return false
        }
    }

    /// Drops buffered packets: after a seek.
    mutating func restart() {
        (ready, isAtEnd) = ([], false)
        for times in times.values { times.restart() }
        for unpacker in unpackers.values { unpacker.restart() }
    }
}
