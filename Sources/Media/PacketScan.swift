internal import CFFmpeg
internal import MediaWire

/// What the packets of a file say, read without decoding: how much each stream holds, and which of them begin on the way.
struct PacketScan {
    /// One stream; times in microseconds on one clock, as the work will count them.
    struct Track {
        var kind = StreamInfo.Kind.data
        var codec = AV_CODEC_ID_NONE
        var packets = 0
        var start: Int64?
        /// Of the last picture its time, of sound where it ends.
        var end: Int64?
        /// Places of its first and last packet among all packets of the file.
        var first = 0
        var last = 0
        /// Where the first lies in the file.
        var place: Int64 = -1
        /// How often a packet of it came after one of another track of its kind.
        var turns = 0

        /// No other track of its kind runs beside it: those would take turns with every few packets.
        var isAlone: Bool { packets >= 10 && turns * 10 <= packets }
    }

    private(set) var tracks: [Int: Track] = [:]
    private var packets = 0
    /// Packets that came after their time, by the stream that they should have come before.
    private var stragglers: [(packet: Packet, successor: Int)] = []
    /// Of a seam there are a few.
    private static let mostStragglers = 2000
    /// The track that the last packet of each kind was of.
    private var latest: [StreamInfo.Kind: Int] = [:]

    /// Reads from where the demuxer stands to the end. It is of no use afterwards.
    /// - Parameter tick: called at every packet.
    init(_ demuxer: Demuxer, tick: () throws -> Void) throws {
        var watch = LatePacketDetector()
        while let packet = try demuxer.next() {
            try tick()
            let index = packet.streamIndex
            guard index < demuxer.streamCount else { continue }
            let timeBase = demuxer.timeBase(index)
            if demuxer.mayGainStreams, stragglers.count < Self.mostStragglers,
                let successor = watch.successor(of: packet, kind: demuxer.stream(index).pointee.codecpar.pointee.codec_type)
            {
                stragglers.append((try packet.unmoved(), successor))
            }
            var track = tracks[index] ?? Track()
            if track.packets == 0 {
                (track.kind, track.codec) = (Prober.kind(of: demuxer.stream(index)), demuxer.stream(index).pointee.codecpar.pointee.codec_id)
                track.first = packets
                track.place = packet.pointer.pointee.pos
            }
            track.packets += 1
            track.last = packets
            if let other = latest.updateValue(index, forKey: track.kind), other != index { track.turns += 1 }
            packets += 1
            if track.kind == .video || track.kind == .audio {
                let length = rescale(max(0, packet.pointer.pointee.duration), from: timeBase, to: .microseconds)
                let time = (packet.pts ?? packet.dts).flatMap { microseconds($0, in: timeBase) } ?? track.end ?? 0
                track.start = min(track.start ?? time, time)
                track.end = max(track.end ?? time, track.kind == .audio || packet.pts == nil ? time + length : time)
            }
            tracks[index] = track
        }
    }

    /// Where in the file a film begins; nil where there is none. A few packets are none.
    var firstPicture: Int64? {
        tracks.values.filter { $0.kind == .video && $0.packets >= 10 && $0.place >= 0 }.map(\.place).min()
    }

    // MARK: Tracks that go on in others

    /// Packets by which two tracks may lie over each other where one follows the other: sound is stored beside the picture.
    private static let overlap = 100

    /// Whether two tracks of a kind hold parts of one recording, the one after the other, and not two that run side by side.
    func complement(_ one: Int, _ other: Int) -> Bool {
        guard let a = tracks[one], let b = tracks[other], a.kind == b.kind, one != other else { return false }
        if a.isAlone, b.isAlone { return true }
        let (early, late) = a.first < b.first ? (a, b) : (b, a)
        return early.last - late.first <= min(Self.overlap, (early.last - early.first) / 4) && late.last > early.last
    }

    /// Tracks that go on in others, each by that which it continues: of one kind and codec, and not side by side, as where a
    /// recorder or a joined recording takes new numbers for its streams.
    var joins: TrackJoins {
        let heads = continuations
        func head(_ index: Int) -> Int { heads[index] ?? index }
        let late = stragglers.filter { head($0.packet.streamIndex) == head($0.successor) }
        return TrackJoins(heads: heads, stragglers: late.map(\.packet))
    }

    private var continuations: [Int: Int] {
        var heads: [Int: Int] = [:]
        let order = tracks.filter { ($0.value.kind == .video || $0.value.kind == .audio) && $0.value.codec != AV_CODEC_ID_NONE }
            .sorted { ($0.value.first, $0.key) < ($1.value.first, $1.key) }
        var chains: [[Int]] = []
        for (index, track) in order {
            let place = chains.firstIndex { chain in chain.allSatisfy { tracks[$0]?.codec == track.codec && complement($0, index) } }
            if let place {
                heads[index] = chains[place][0]
                chains[place].append(index)
            } else {
                chains.append([index])
            }
        }
        return heads
    }
}
