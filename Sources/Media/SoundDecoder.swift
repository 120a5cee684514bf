internal import CFFmpeg

/// Turns the packets of a sound stream into frames that can be filtered, each with a rate, a layout and samples that make
/// sense. A packet may bring another configuration with it. One thread at a time.
final class SoundDecoder {
    private let decoder: Decoder
    private let isFixed: Bool
    private let frame: Frame

    /// Their decoders take another configuration only when they are opened.
    private static let fixed = [AV_CODEC_ID_OPUS, AV_CODEC_ID_SPEEX, AV_CODEC_ID_FLAC]

    init(stream: UnsafeMutablePointer<AVStream>) throws {
        decoder = try Decoder(stream: stream, threads: 1, allowed: AllowList.audioDecoders)
        isFixed = Self.fixed.contains(stream.pointee.codecpar.pointee.codec_id)
        frame = try Frame()
    }

    var timeBase: TimeBase { decoder.timeBase }
    /// Packets and frames that could not be decoded.
    var damaged: Int { decoder.damaged }

    /// Lends each frame that the packet makes ready to `take`. Nil: no packet follows.
    func decode(_ packet: Packet?, take: (Frame) throws -> Void) throws {
        if isFixed, let configuration = packet?.sideData(AV_PKT_DATA_NEW_EXTRADATA) {
            try decoder.send(nil)
            try drain(take)
            if try !decoder.reconfigure(configuration) { decoder.restart() }
        }
        try decoder.send(packet)
        try drain(take)
    }

    private func drain(_ take: (Frame) throws -> Void) throws {
        while try decoder.receive(into: frame) == .ready {
            defer { frame.unreference() }
            guard frame.sampleRate > 0, frame.channels > 0 else { continue }
            frame.completeLayout()
            guard frame.hasLayout else { continue }
            try frame.tameSamples()
            try take(frame)
        }
    }
}
