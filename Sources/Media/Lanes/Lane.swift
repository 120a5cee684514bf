/// The processing of one stream from its packets to those of the output, on its own threads. Lanes are independent.
protocol Lane: AnyObject {
    /// All streams whose packets it takes.
    var streams: [Int] { get }
    /// Starts its threads. Put packets of the stream into the returned queue; `output` receives those of the output,
    /// and then the end.
    func start(in pipeline: Pipeline, into output: StageQueue<CodedPacket>) throws -> StageQueue<Packet>

    // The following is known once the pipeline has ended.

    /// Frames sent to the encoder.
    var encoded: Int { get }
    /// Packets and frames that failed to decode.
    var damaged: Int { get }
    /// The best frame; nil for audio.
    var bestPicture: Frame? { get }
    /// False if a search beyond the frames seen may find a better one.
    var isBestPictureGood: Bool { get }
}

extension Lane {
    var isBestPictureGood: Bool { true }
}

/// A packet for the muxer. Nil: no more of this stream follow.
struct CodedPacket {
    let stream: Int
    let timeBase: TimeBase
    let packet: Packet?
}
