internal import CFFmpeg
internal import CFFmpegShims

/// The streams of an audio track: one, or several with one channel each.
struct AudioTracks: Equatable {
    /// In channel order.
    var streams: [Int]
    /// FFmpeg's name of the layout of several streams; nil for left and right.
    var layout: String?
    /// Of each stream, if there are several.
    var sampleRate: Int

    /// A decoder for the packets of all these streams.
    func decoder(in source: Demuxer) throws -> AudioDecoder {
        guard streams.count > 1 else { return try AudioDecoder(stream: source.stream(streams[0])) }
        return AudioDecoder(try JoinedDecoder(self, in: source), into: try Frame())
    }
}

/// Decodes audio packets into unconverted frames of any rate and layout.
protocol AudioFrames: AnyObject {
    /// The time base of the frames.
    var timeBase: TimeBase { get }
    /// Packets and frames that failed to decode.
    var damaged: Int { get }
    /// Sends a packet, or nil for the end.
    func send(_ packet: Packet?) throws
    /// Receives the next frame.
    func receive(into frame: Frame) throws -> CodecOutput
}

extension Decoder: AudioFrames {}
