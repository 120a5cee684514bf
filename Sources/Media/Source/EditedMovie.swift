internal import CFFmpeg
internal import MediaWire
internal import Verdicts

/// The tracks of a movie whose edit lists assemble several parts. Each is read separately, because their edits may
/// differ; packets come in the order of their timestamps.
struct EditedMovie {
    private let lists: [Int: EditList]
    private let open: () throws -> Demuxer
    private var tracks: [Int: EditedTrack] = [:]
    private var heads: [Int: Packet] = [:]
    private var timeBases: [Int: TimeBase] = [:]

    /// Nil if no track has more than one edit.
    /// - Parameter open: opens the same file without its edit lists.
    /// - Throws: `Verdict` if a part plays at another speed.
    init?(_ lists: [Int: EditList], open: @escaping () throws -> Demuxer) throws {
        guard lists.values.contains(where: { !$0.isSimple }) else { return nil }
        guard !lists.values.contains(where: \.changesSpeed) else {
            throw Verdict(.playbackSpeed)
        }
        self.lists = lists
        self.open = open
    }

    /// The start of the stream's first non-empty edit, and the end of its last, in microseconds; nil without a list.
    func span(_ stream: UnsafeMutablePointer<AVStream>) -> ClosedRange<Int64>? {
        guard let list = lists[Int(stream.pointee.id)], let first = list.edits.first(where: { $0.media != nil }) else { return nil }
        let movie = AVRational(num: 1, den: list.timeScale)
        let start = rescale(first.start, from: movie, to: .microseconds)
        return start...max(start, rescale(list.end, from: movie, to: .microseconds))
    }

    mutating func select(_ indices: Set<Int>) throws {
        for index in tracks.keys where !indices.contains(index) { (tracks[index], heads[index]) = (nil, nil) }
        for index in indices.sorted() where tracks[index] == nil {
            let demuxer = try open()
            guard index < demuxer.streamCount else { continue }
            let list = lists[Int(demuxer.stream(index).pointee.id)] ?? .whole
            timeBases[index] = demuxer.timeBase(index)
            let track = try EditedTrack(demuxer, stream: index, list: list)
            tracks[index] = track
            heads[index] = try track.read()
        }
    }

    mutating func next() throws -> Packet? {
        func time(_ index: Int, _ packet: Packet) -> Int64 {
            rescale(packet.dts ?? packet.pts ?? 0, from: timeBases[index] ?? .microseconds, to: .microseconds)
        }
        guard let index = heads.min(by: { (time($0.key, $0.value), $0.key) < (time($1.key, $1.value), $1.key) })?.key else {
            return nil
        }
        let packet = heads[index]
        heads[index] = try tracks[index]?.read()
        return packet
    }
}

extension EditList {
    /// For a track without a list: all of its media from the beginning.
    fileprivate static let whole = EditList(edits: [Edit(start: 0, duration: 0, media: 0, rate: 1)], timeScale: 1)
}
