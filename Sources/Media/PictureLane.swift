internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// The way of one picture stream: decode, filter, thin out, show to the poster chooser, encode, mux.
final class PictureLane: Lane {
    private let plan: PicturePlan
    private let decoder: Decoder
    private let encoder: Encoder
    private let muxer: Muxer
    private let output: Int
    private let start: Int64
    private let threads: Int
    private let limits: MediaLimits
    private var graph: FilterGraph?
    private var fields = FieldWatcher()
    private var poster: PosterChooser
    private let decoded: Frame
    private let filtered: Frame
    private let packet: Packet
    private var lastPTS: Int64?
    private var lastDuration: Int64 = 0
    private var lastDecodedEnd: Int64?
    private var lastSlot: Int64?
    private var keyframes: KeyframeClock
    /// How long each picture in the encoder is shown, by its time: libx264 forgets it before FFmpeg 6, and the last
    /// one decides how long the film is. Never more than the encoder holds back.
    private var durations: [Int64: Int64] = [:]
    private(set) var frames = 0
    private(set) var encoded = 0

    init(
        _ plan: PicturePlan, source: Demuxer, into muxer: Muxer, start: Int64, profile: Profile, threads: Int
    ) throws {
        self.plan = plan
        self.muxer = muxer
        self.start = start
        self.threads = threads
        limits = profile.limits
        let stream = source.stream(plan.stream)
        decoder = try Decoder(
            stream: stream, threads: threads, allowed: AllowList.videoDecoders, maxPixels: profile.limits.pixels)
        encoder = try Encoder.h264(
            plan, profile.video, timeBase: PictureLane.timeBase(for: stream.pointee.time_base), threads: threads)
        output = try muxer.addStream(encoder)
        keyframes = KeyframeClock(interval: profile.video.keyframeInterval, pictures: encoder.keyframeDistance)
        poster = PosterChooser(duration: source.duration, wanted: profile.poster.at)
        decoded = try Frame()
        filtered = try Frame()
        packet = try Packet()
    }

    var streamIndex: Int { plan.stream }
    var damaged: Int { decoder.damaged }
    var bestPicture: Frame? { poster.best }
    /// Microseconds of the output's clock up to which pictures were decoded.
    private(set) var done: Int64 = 0

    /// The source's own time base, so that its times come through exactly, where MP4 can count in it.
    private static func timeBase(for source: TimeBase) -> TimeBase {
        (1000...1_000_000).contains(source.den) && source.num == 1 ? source : AVRational(num: 1, den: 90_000)
    }

    func feed(_ packet: Packet) throws {
        try decoder.send(packet)
        try drainDecoder()
    }

    func finish() throws {
        try decoder.send(nil)
        try drainDecoder()
        try drainGraph(isLast: true)
        try encoder.send(nil)
        try drainEncoder()
    }

    private func drainDecoder() throws {
        while try decoder.receive(into: decoded) == .ready {
            frames += 1
            guard frames <= limits.frames else { throw limits.tooManyFrames }
            try limits.check(width: decoded.width, height: decoded.height)
            stamp(decoded)
            if plan.watchesForFields { try fields.look(at: decoded) }
            try filter(decoded)
            decoded.unreference()
        }
    }

    /// Times count from the output's zero; a picture without one follows the picture before it.
    private func stamp(_ frame: Frame) {
        let zero = rescale(start, from: .microseconds, to: decoder.timeBase)
        let pts = frame.bestEffortTimestamp.map { $0 - zero } ?? lastDecodedEnd ?? 0
        frame.pts = pts
        // A picture that alone would stay for longer than a film may last is none: that number is damage.
        let longest = rescale(Int64(limits.duration * 1_000_000), from: .microseconds, to: decoder.timeBase)
        let duration =
            (1...max(1, longest)).contains(frame.duration)
            ? frame.duration
            : rescale(Int64(1_000_000 / max(plan.frameRate, 0.1)), from: .microseconds, to: decoder.timeBase)
        lastDuration = duration
        lastDecodedEnd = pts + duration
        done = max(done, rescale(pts, from: decoder.timeBase, to: .microseconds))
        // The encoder chooses its own kinds of pictures.
        frame.pointer.pointee.pict_type = AV_PICTURE_TYPE_NONE
    }

    private func filter(_ frame: Frame) throws {
        if let graph, !graph.fits(frame) {
            try drainGraph(isLast: true)
            self.graph = nil
        }
        let graph = try self.graph ?? makeGraph(frame)
        self.graph = graph
        try graph.send(frame)
        try drainGraph(isLast: false)
    }

    private func makeGraph(_ frame: Frame) throws -> FilterGraph {
        try FilterGraph(
            (fitting(frame) + plan.filters).joined(separator: ","), like: frame, timeBase: decoder.timeBase, threads: threads)
    }

    /// A film may change its size on the way, as browsers' recordings do: what follows is fitted into what was before.
    private func fitting(_ frame: Frame) -> [String] {
        let (width, height) = (plan.sourceWidth, plan.sourceHeight)
        guard frame.width != width || frame.height != height else { return [] }
        return [
            "scale=w=\(width):h=\(height):force_original_aspect_ratio=decrease", "pad=\(width):\(height):-1:-1",
        ]
    }

    private func drainGraph(isLast: Bool) throws {
        guard let graph else { return }
        if isLast { try graph.send(nil) }
        while try graph.receive(into: filtered) == .ready {
            try encode(filtered, timeBase: graph.timeBase)
            filtered.unreference()
        }
    }

    private func encode(_ frame: Frame, timeBase: TimeBase) throws {
        guard let time = frame.pts else { return }
        // A first picture that comes later than the sound is shown from the start, and so is one whose time makes no sense.
        let pts = lastPTS == nil ? 0 : rescale(time, from: timeBase, to: encoder.timeBase)
        guard pts > lastPTS ?? (pts - 1), !isSurplus(time, timeBase) else { return }
        lastPTS = pts
        // A filter that halves the time base forgets to halve the duration with it: the decoder's word counts.
        // MP4 counts a picture's in 31 bits.
        durations[pts] = min(rescale(lastDuration, from: decoder.timeBase, to: encoder.timeBase), Int64(Int32.max))
        frame.pts = pts
        let shown = rescale(pts, from: encoder.timeBase, to: .microseconds)
        frame.pointer.pointee.pict_type = keyframes.isDue(at: shown) ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        shim_frame_set_progressive(frame.pointer)
        try poster.look(at: frame, time: shown)
        encoded += 1
        try encoder.send(frame)
        try drainEncoder()
    }

    /// Of the pictures that fall into one slot of the wanted rate, the first is kept.
    private func isSurplus(_ time: Int64, _ timeBase: TimeBase) -> Bool {
        guard let rate = plan.thinTo else { return false }
        let slot = Int64((Double(time) * timeBase.value * rate + 0.2).rounded(.down))
        defer { lastSlot = max(slot, lastSlot ?? slot) }
        return slot <= lastSlot ?? (slot - 1)
    }

    private func drainEncoder() throws {
        while try encoder.receive(into: packet) == .ready {
            if let pts = packet.pts { packet.pointer.pointee.duration = durations.removeValue(forKey: pts) ?? 0 }
            try muxer.write(packet, stream: output, timeBase: encoder.timeBase)
        }
    }
}
