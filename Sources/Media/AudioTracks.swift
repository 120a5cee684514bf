internal import CFFmpeg
internal import CFFmpegShims

/// The streams that a sound is made of: one, or several of one channel each.
struct AudioTracks: Equatable {
    /// In the order of the channels.
    var streams: [Int]
    /// FFmpeg's name of the layout that several make; nil for left and right.
    var layout: String?
    /// Of each stream, where they are several.
    var sampleRate: Int

    /// A decoder of the packets of all these streams.
    func decoder(in source: Demuxer) throws -> AudioDecoder {
        guard streams.count > 1 else { return try AudioDecoder(stream: source.stream(streams[0])) }
        return AudioDecoder(try JoinedDecoder(self, in: source), into: try Frame())
    }
}

/// Turns packets of sound into frames as they are, with whatever rate and layout.
protocol AudioFrames: AnyObject {
    /// In which the frames' times count.
    var timeBase: TimeBase { get }
    /// Packets and frames that could not be decoded.
    var damaged: Int { get }
    /// Gives a packet, or nil for the end.
    func send(_ packet: Packet?) throws
    /// Asks for the next frame.
    func receive(into frame: Frame) throws -> CodecOutput
}

extension Decoder: AudioFrames {}
