internal import CFFmpeg
internal import MediaWire

/// Statistics of a file's packets, without decoding: the content of each stream, and which of them start midway.
struct PacketScan {
    /// One stream; times in microseconds on one clock, as the transcode will count them.
    struct Track {
        var kind = StreamInfo.Kind.data
        var codec = AV_CODEC_ID_NONE
        var packets = 0
        var start: Int64?
        /// For video, the time of the last frame; for audio, its end.
        var end: Int64?
        /// Positions of its first and last packet among all packets of the file.
        var first = 0
        var last = 0
        /// The file offset of the first.
        var place: Int64 = -1
        /// How often a packet of it followed one of another track of its kind.
        var turns = 0

        /// No other track of its kind runs in parallel: their packets would alternate frequently.
        var isAlone: Bool { packets >= 10 && turns * 10 <= packets }
    }

    private(set) var tracks: [Int: Track] = [:]
    private var packets = 0
    /// Late packets, by the stream that they should have preceded.
    private var stragglers: [(packet: Packet, successor: Int)] = []
    /// A seam has a few.
    private static let mostStragglers = 2000
    /// The track of the last packet of each kind.
    private var latest: [StreamInfo.Kind: Int] = [:]

    /// Reads from the demuxer's position to the end. Not usable afterwards.
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

    /// The file offset of the first video; nil if there is none. A few packets do not count.
    var firstPicture: Int64? {
        tracks.values.filter { $0.kind == .video && $0.packets >= 10 && $0.place >= 0 }.map(\.place).min()
    }

    // MARK: Tracks that continue others

    /// The maximum overlap in packets if one track follows the other: audio is stored beside video.
    private static let overlap = 100

    /// Whether two tracks of a kind are consecutive parts of one recording, not parallel.
    func complement(_ one: Int, _ other: Int) -> Bool {
        guard let a = tracks[one], let b = tracks[other], a.kind == b.kind, one != other else { return false }
        if a.isAlone, b.isAlone { return true }
        let (early, late) = a.first < b.first ? (a, b) : (b, a)
        return early.last - late.first <= min(Self.overlap, (early.last - early.first) / 4) && late.last > early.last
    }

    /// Tracks that continue others of the same kind and codec, and not parallel, as when a
    /// recorder or a joined recording changes the IDs of its streams.
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
