internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// Drops surplus frames, shows frames to the poster chooser and encodes them.
final class EncodingStage: Stage {
    private let plan: VideoPlan
    private let encoder: Encoder
    private let stream: Int
    private let output: StageQueue<CodedPacket>
    private var poster: PosterChooser
    private var keyframes: KeyframeSpacing
    private var lastPTS: Int64?
    private var lastSlot: Int64?
    /// The display duration of each frame in the encoder, by its time: libx264 loses it before FFmpeg 6, and the last
    /// one determines the duration of the video. Never more than the encoder holds back.
    private var durations: [Int64: Int64] = [:]
    private(set) var encoded = 0

    /// - Parameter stream: the muxer's.
    init(
        _ plan: VideoPlan, encoder: Encoder, poster: PosterChooser, keyframes: KeyframeSpacing,
        stream: Int, into output: StageQueue<CodedPacket>
    ) {
        self.plan = plan
        self.encoder = encoder
        self.poster = poster
        self.keyframes = keyframes
        self.stream = stream
        self.output = output
    }

    var bestPicture: Frame? { poster.best }

    func feed(_ picture: Picture) throws {
        let frame = picture.frame
        guard let time = frame.pts else { return }
        // A first frame that starts after the audio is displayed from the start, and so is one with an invalid time.
        let pts = lastPTS == nil ? 0 : rescale(time, from: picture.timeBase, to: encoder.timeBase)
        guard pts > lastPTS ?? (pts - 1), !isSurplus(time, picture.timeBase) else { return }
        lastPTS = pts
        // MP4 stores a frame's duration in 31 bits.
        durations[pts] = min(rescale(picture.duration, from: picture.timeBase, to: encoder.timeBase), Int64(Int32.max))
        frame.pts = pts
        let shown = rescale(pts, from: encoder.timeBase, to: .microseconds)
        frame.pointer.pointee.pict_type = keyframes.isDue(at: shown) ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        shim_frame_set_progressive(frame.pointer)
        try poster.look(at: frame, time: shown)
        encoded += 1
        try encoder.send(frame)
        try drain()
    }

    func finish() throws {
        try encoder.send(nil)
        try drain()
        try output.put(CodedPacket(stream: stream, timeBase: encoder.timeBase, packet: nil))
    }

    /// Of the frames in one slot of the target rate, the first is kept.
    private func isSurplus(_ time: Int64, _ timeBase: TimeBase) -> Bool {
        guard let rate = plan.thinTo else { return false }
        let slot = Int64((Double(time) * timeBase.value * rate + 0.2).rounded(.down))
        defer { lastSlot = max(slot, lastSlot ?? slot) }
        return slot <= lastSlot ?? (slot - 1)
    }

    private func drain() throws {
        while true {
            let packet = try Packet()
            guard try encoder.receive(into: packet) == .ready else { return }
            if let pts = packet.pts { packet.pointer.pointee.duration = durations.removeValue(forKey: pts) ?? 0 }
            try output.put(CodedPacket(stream: stream, timeBase: encoder.timeBase, packet: packet))
        }
    }
}
