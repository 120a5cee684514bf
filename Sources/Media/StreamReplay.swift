internal import CFFmpeg
internal import MediaWire

/// Follows one stream of a finished file through all of its packets and decodes samples of it, as a player that jumps about
/// would.
final class StreamReplay: Stage {
    let isPicture: Bool
    private let decoder: Decoder
    private let frame: Frame
    private var samples: StreamSamples
    private var isDecoding = false
    private var lastShown: Int64?
    private var lastTime: Int64?
    /// A packet has no time, or one that does not come after the one before it.
    private(set) var timeFault: String?
    private(set) var frames = 0
    /// The pictures come out in another order than that of their times, and a player drops what is late.
    private(set) var isJumbled = false

    init(_ demuxer: Demuxer, stream index: Int, samples: StreamSamples) throws {
        let stream = demuxer.stream(index)
        isPicture = stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: isPicture ? AllowList.videoDecoders : AllowList.audioDecoders, isStrict: true)
        decoder.isSeen = false
        frame = try Frame()
        self.samples = samples
    }

    /// Packets and frames that do not decode.
    var damaged: Int { decoder.damaged }

    func feed(_ packet: Packet) throws {
        lookAtTimes(packet)
        let time = packet.dts ?? packet.pts ?? lastTime ?? 0
        lastTime = time
        while let part = samples.parts.first, time > part.upperBound { try endPart() }
        guard let part = samples.parts.first, part.contains(time) else { return }
        isDecoding = true
        decoder.skipsUnneeded = isPicture && !samples.looks.contains { $0.contains(time) }
        try decoder.send(packet)
        try drain()
    }

    func finish() throws { try endPart() }

    private func lookAtTimes(_ packet: Packet) {
        guard timeFault == nil else { return }
        guard let dts = packet.dts, packet.pts != nil else { return timeFault = "a packet without a time" }
        if let lastTime, dts <= lastTime { timeFault = "times do not rise: \(lastTime), then \(dts)" }
    }

    private func endPart() throws {
        if isDecoding {
            try decoder.send(nil)
            try drain()
            decoder.restart()
        }
        (isDecoding, lastShown) = (false, nil)
        samples.parts = Array(samples.parts.dropFirst())
    }

    private func drain() throws {
        while try decoder.receive(into: frame) == .ready {
            frames += 1
            if let pts = frame.pts {
                if let lastShown, pts <= lastShown { isJumbled = true }
                lastShown = pts
            }
            frame.unreference()
        }
    }
}
