/// Merges the packets of all streams by decoding time, whichever thread was faster: the same source
/// gives the same file.
struct Interleaver {
    /// A stream that lags behind by more than this is not waited for: what waits for it is outside of the bounded queues, in memory.
    private static let most = 64 << 20

    private var waiting: [Fifo<CodedPacket>]
    private var hasEnded: [Bool]
    private var bytes = 0

    init(streams: Int) {
        waiting = Array(repeating: Fifo(), count: streams)
        hasEnded = Array(repeating: false, count: streams)
    }

    var isDone: Bool { !hasEnded.contains(false) && waiting.allSatisfy(\.isEmpty) }

    mutating func put(_ coded: CodedPacket) {
        guard let packet = coded.packet else { return hasEnded[coded.stream] = true }
        waiting[coded.stream].append(coded)
        bytes += packet.weight
    }

    /// The next packet to write, as soon as that is certain.
    mutating func next() -> CodedPacket? {
        guard bytes > Self.most || !waiting.indices.contains(where: { waiting[$0].isEmpty && !hasEnded[$0] }) else { return nil }
        let fronts = waiting.indices.compactMap { stream in waiting[stream].first.map { (stream, Self.time($0)) } }
        // Of equal times, the order of the streams decides.
        guard let (stream, _) = fronts.min(by: { $0.1 < $1.1 }) else { return nil }
        let coded = waiting[stream].popFirst()
        bytes -= coded?.packet?.weight ?? 0
        return coded
    }

    /// Microseconds.
    private static func time(_ coded: CodedPacket) -> Int64 {
        (coded.packet?.dts ?? coded.packet?.pts).map { rescale($0, from: coded.timeBase, to: .microseconds) } ?? Int64.min
    }
}
