internal import CFFmpeg
internal import MediaWire

/// Decodes only the audio of a file, completely, apart from the transcode.
enum AudioScan {
    /// Maximum number of packets to count: in a video, a minute of audio is spread over many bytes of video.
    private static let most = (alone: 50_000, inFilm: 3000)

    /// The measured bitrate of a stream; nil if its timestamps are invalid.
    ///
    /// - Parameter source: at its beginning; not usable afterwards.
    static func bitrate(stream index: Int, source: Demuxer, isAlone: Bool) throws -> Int? {
        try source.select([index])
        let timeBase = source.timeBase(index)
        var (bytes, duration, count): (Int64, Int64, Int) = (0, 0, 0)
        var span: (first: Int64, last: Int64)?
        while count < (isAlone ? most.alone : most.inFilm), let packet = try source.next() {
            guard packet.streamIndex == index else { continue }
            count += 1
            bytes += Int64(packet.size)
            let length = max(0, min(packet.pointer.pointee.duration, latestTime))
            duration = duration.addingReportingOverflow(length).partialValue
            if let time = packet.pts ?? packet.dts { span = (span?.first ?? time, time.addingReportingOverflow(length).partialValue) }
        }
        // Joined recordings start over: the packets' durations count rather than the span of their timestamps.
        let ticks = duration > 0 ? duration : span.map { $0.last.subtractingReportingOverflow($0.first).partialValue } ?? 0
        guard let time = microseconds(ticks, in: timeBase), time > 0 else { return nil }
        let bitrate = Double(bytes) * 8 / (Double(time) / 1_000_000)
        return bitrate > 0 && bitrate < 1e9 ? Int(bitrate) : nil
    }

    /// Passes each frame from a filter chain to `take`.
    ///
    /// - Parameters:
    ///   - source: at its beginning; not usable afterwards.
    ///   - conversion: converts every part to one rate, layout and format; rebuilt when the source changes midway.
    ///   - chain: applied to the whole; nil for nothing more.
    ///   - tick: called at every step.
    /// - Returns: the formats of its parts.
    @discardableResult
    static func run(
        _ tracks: AudioTracks, source: Demuxer, conversion: String, through chain: String? = nil, tick: () throws -> Void,
        take: (Frame) throws -> Void
    ) throws -> AudioExtent {
        try source.select(Set(tracks.streams))
        let decoder = try tracks.decoder(in: source)
        let converted = try Frame(), filtered = try Frame()
        var converter: FilterGraph?, graph: FilterGraph?
        var extent = AudioExtent()
        func drain(_ graph: FilterGraph, into frame: Frame, _ take: (Frame) throws -> Void) throws {
            while try graph.receive(into: frame) == .ready {
                try take(frame)
                frame.unreference()
            }
        }
        func pass(_ frame: Frame) throws {
            guard let chain else { return try take(frame) }
            let base = AVRational(num: 1, den: CInt(frame.sampleRate))
            let current = try graph ?? FilterGraph(chain, like: frame, timeBase: base, threads: 1)
            graph = current
            try current.send(frame)
            try drain(current, into: filtered, take)
        }
        func finish() throws {
            try converter?.send(nil)
            if let converter { try drain(converter, into: converted, pass) }
            converter = nil
        }
        func convert(_ frame: Frame) throws {
            extent.add(frame)
            if converter?.fits(frame) == false { try finish() }
            let base = AVRational(num: 1, den: CInt(frame.sampleRate))
            let current = try converter ?? FilterGraph(conversion, like: frame, timeBase: base, threads: 1)
            converter = current
            try current.send(frame)
            try drain(current, into: converted, pass)
            try tick()
        }
        while let packet = try source.next() {
            if tracks.streams.contains(packet.streamIndex) { try decoder.decode(packet, take: convert) }
        }
        try decoder.decode(nil, take: convert)
        try finish()
        try graph?.send(nil)
        if let graph { try drain(graph, into: filtered, take) }
        return extent
    }
}
