internal import CFFmpeg
internal import MediaWire

/// Decodes one sample of a stream, consecutive packets, as a check.
final class SampleReplay: Stage {
    private let decoder: Decoder
    private let frame: Frame
    private let isPicture: Bool
    private let looks: [ClosedRange<Int64>]
    /// For copied video.
    private var fields: InterlaceDetector?
    private let start: Int64
    private var lastShown: Int64?
    private(set) var frames = 0
    private(set) var isJumbled = false
    /// The peak amplitude of audio, relative to 1.
    private(set) var peak: Float = 0
    var damaged: Int { decoder.damaged }

    /// - Parameters:
    ///   - looks: the decoding times of which every frame is wanted.
    ///   - fieldsFrom: where to look for unflagged fields: the microseconds that are zero; nil: do not look.
    init(_ stream: UnsafeMutablePointer<AVStream>, looks: [ClosedRange<Int64>], fieldsFrom: Int64?) throws {
        fields = fieldsFrom.map { _ in InterlaceDetector() }
        start = fieldsFrom ?? 0
        isPicture = stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: isPicture ? AllowList.videoDecoders : AllowList.audioDecoders, isStrict: true)
        decoder.isSeen = false
        frame = try Frame()
        self.looks = looks
    }

    func feed(_ packet: Packet) throws {
        let time = packet.dts ?? packet.pts ?? 0
        decoder.skipsUnneeded = isPicture && !looks.contains { $0.contains(time) }
        try decoder.send(packet)
        try drain()
    }

    func finish() throws {
        try decoder.send(nil)
        try drain()
    }

    private func drain() throws {
        while try decoder.receive(into: frame) == .ready {
            frames += 1
            if let pts = frame.pts {
                if let lastShown, pts <= lastShown { isJumbled = true }
                lastShown = pts
            }
            let time = rescale(frame.bestEffortTimestamp ?? 0, from: decoder.timeBase, to: .microseconds) - start
            try fields?.look(at: frame, time: time)
            if !isPicture { peak = max(peak, frame.peak ?? 0) }
            frame.unreference()
        }
    }
}
