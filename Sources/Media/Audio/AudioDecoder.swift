internal import CFFmpeg

/// Decodes the packets of an audio stream into frames for filtering, each with a valid rate, layout and samples.
/// A packet may bring another configuration. One thread at a time.
final class AudioDecoder {
    private let decoder: any AudioFrames
    /// A codec whose configuration only changes by reopening; nil for others.
    private let fixed: Decoder?
    private let frame: Frame

    /// Their decoders only accept another configuration when opened.
    private static let fixed = [AV_CODEC_ID_OPUS, AV_CODEC_ID_SPEEX, AV_CODEC_ID_FLAC]

    init(stream: UnsafeMutablePointer<AVStream>) throws {
        let decoder = try Decoder(stream: stream, threads: 1, allowed: AllowList.audioDecoders)
        self.decoder = decoder
        fixed = Self.fixed.contains(stream.pointee.codecpar.pointee.codec_id) ? decoder : nil
        frame = try Frame()
    }

    init(_ decoder: JoinedDecoder, into frame: Frame) {
        self.decoder = decoder
        self.frame = frame
        fixed = nil
    }

    var timeBase: TimeBase { decoder.timeBase }
    /// Packets and frames that failed to decode.
    var damaged: Int { decoder.damaged }

    /// Passes each frame of the packet to `take`. Nil: end of stream.
    func decode(_ packet: Packet?, take: (Frame) throws -> Void) throws {
        if let fixed, let configuration = packet?.sideData(AV_PKT_DATA_NEW_EXTRADATA) {
            try decoder.send(nil)
            try drain(take)
            if try !fixed.reconfigure(configuration) { fixed.restart() }
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
