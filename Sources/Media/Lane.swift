/// The way of one stream from its packets to those of the output, on threads of its own. Lanes know nothing of each other.
protocol Lane: AnyObject {
    var streamIndex: Int { get }
    /// All whose packets it takes.
    var streams: [Int] { get }
    /// Begins its threads. Packets of the stream are put into what it returns; those of the output come out of `output`,
    /// and after them the end.
    func start(in pipeline: Pipeline, into output: StageQueue<CodedPacket>) throws -> StageQueue<Packet>

    // What follows is known once the pipeline has ended.

    /// Frames that were given to the encoder.
    var encoded: Int { get }
    /// Packets and frames that could not be decoded.
    var damaged: Int { get }
    /// Microseconds of the output's clock that are decoded.
    var done: Int64 { get }
    /// The best of the pictures; nil for sound.
    var bestPicture: Frame? { get }
    /// False where a better one may be found by looking at more than went by.
    var isBestPictureGood: Bool { get }
}

extension Lane {
    var streams: [Int] { [streamIndex] }
    var isBestPictureGood: Bool { true }
}

/// A packet for the muxer. Nil: no more of this stream will come.
struct CodedPacket {
    let stream: Int
    let timeBase: TimeBase
    let packet: Packet?
}

/// How much may lie between two stages. Small: a queue evens out what takes longer for one frame than for another, and
/// what lies in it is memory.
enum QueueCapacity {
    /// Decoded pictures; one in 4K has 12 MB.
    static let frames = 2
    /// Bytes of coded pictures.
    static let pictures = 2 << 20
    /// Bytes of a sample that is decoded beside the way: most of them whole, so that the rest gets on.
    static let samples = 16 << 20
    /// Bytes of coded sound: minutes of it, so that pictures do not wait while its loudness is measured.
    static let sound = 16 << 20
    /// Packets on their way to the muxer.
    static let coded = 64
}
