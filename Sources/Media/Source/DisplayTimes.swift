internal import CFFmpeg
internal import CFFmpegShims

/// Assigns display times to frames, if the file only has decoding times:
/// AVI has no others, Matroska has none for tracks in AVI compatibility mode, and some programs write H.264 with B-frames to
/// FLV and MP4 without composition offsets. The k-th displayed frame gets the k-th timestamp.
final class DisplayTimes {
    /// The meaning of the file's timestamps.
    enum Meaning {
        case unknown, display
        /// Decoding times, in the stored order of the frames.
        case decoding
    }

    /// No codec here has a larger reorder delay: sixteen frames, each with two fields.
    private static let window = 32
    /// After this many frames without a B-frame there are none.
    private static let framesWithoutReordering = 300

    private let order: PictureOrder
    private let step: Int64
    private(set) var meaning: Meaning
    /// If decoding times are stored as display times, FFmpeg's decoding times are guesses from them.
    private var isNamedDisplay = false
    /// The start of the audio.
    private let soundStart: Int64?
    private var held: ArraySlice<Held> = []
    /// Timestamps not yet assigned, in order.
    private var free: ArraySlice<Int64> = []
    /// Those of the last frames, for their decoding times.
    private var recent: [Int64] = []
    private var delay: Int
    private var lastShown: PictureOrder.Place?
    /// The offset of the timestamps.
    private var moved: Int64 = 0
    private var count = 0
    private var shown = 0

    private struct Held {
        let packet: Packet
        let place: PictureOrder.Place
        /// The number of frames stored before it.
        let number: Int
        var pts: Int64?
    }

    /// - Parameters:
    ///   - meaning: of the timestamps in the file, as far as its format tells.
    ///   - soundStart: the start of the audio in microseconds.
    /// Nil if the frames are stored in display order.
    init?(_ stream: UnsafeMutablePointer<AVStream>, meaning: Meaning, soundStart: Int64?) throws {
        guard let order = try PictureOrder(stream) else { return nil }
        self.order = order
        self.meaning = meaning
        self.soundStart = soundStart.map { rescale($0, from: .microseconds, to: stream.pointee.time_base) }
        delay = Int(max(0, min(16, stream.pointee.codecpar.pointee.video_delay)))
        let rate = stream.pointee.avg_frame_rate
        let picture = rate.isPositive ? Int64(1_000_000 / rate.value) : 40_000
        step = max(1, rescale(picture, from: .microseconds, to: stream.pointee.time_base))
    }

    /// Takes the stream's next packet; returns those whose times are known now, in stored order.
    func take(_ packet: Packet) -> [Packet] {
        if meaning == .unknown, packet.pts == nil, packet.dts != nil { meaning = .decoding }
        guard meaning != .display else { return [packet] }
        // An empty chunk of AVI: the previous frame stays.
        guard packet.size > 0 || meaning == .unknown else { return [] }
        var place = order.next(packet)
        if let lastShown, place < lastShown { place = order.beginSequence() }
        if meaning == .unknown { judge(packet, place) }
        held.append(Held(packet: packet, place: place, number: count))
        count += 1
        free.append(stored(packet) ?? (free.last ?? recent.last).map { $0 + step } ?? 0)
        if meaning == .unknown, count > Self.framesWithoutReordering { meaning = .display }
        return meaning == .display ? rest() : advance(window: Self.window)
    }

    /// The remaining packets, at the end of the stream.
    func rest() -> [Packet] { advance(window: 0) }

    /// Drops buffered packets: after a seek.
    func restart() {
        (held, free, recent, lastShown) = ([], [], [], nil)
        (count, shown) = (0, 0)
    }

    /// A frame that is displayed before one that is stored before it shows whether the two have separate times.
    private func judge(_ packet: Packet, _ place: PictureOrder.Place) {
        guard let later = held.last(where: { $0.place > place }), let pts = packet.pts, let before = later.packet.pts else {
            return
        }
        guard pts != before else { return }
        meaning = pts < before ? .display : .decoding
        isNamedDisplay = meaning == .decoding
        let move = distanceToSound
        for index in free.indices where isNamedDisplay { free[index] += move }
        moved = isNamedDisplay ? move : 0
    }

    /// The delay of the video relative to the audio that results from how the timestamps were made: each frame got the
    /// decoding time of the next one, or negative times moved the audio after them.
    private var distanceToSound: Int64 {
        guard let soundStart, let first = held.first?.packet.pts else { return 0 }
        let late = first - soundStart
        func isAbout(_ distance: Int64) -> Bool { abs(late - distance) <= step / 10 }
        if isAbout(step) { return -step }
        return delay > 0 && isAbout(-Int64(delay) * step) ? Int64(delay) * step : 0
    }

    /// The file's timestamp of a packet.
    private func stored(_ packet: Packet) -> Int64? {
        guard meaning != .decoding || isNamedDisplay else { return packet.dts ?? packet.pts }
        return (packet.pts ?? packet.dts).map { $0 + moved }
    }

    private func advance(window: Int) -> [Packet] {
        guard meaning == .decoding else {
            let surplus = meaning == .display ? held.count : max(0, held.count - window)
            defer {
                held = held.dropFirst(surplus)
                free = free.dropFirst(surplus)
            }
            return held.prefix(surplus).map(\.packet)
        }
        while let next = nextShown(window: window), let time = free.popFirst() {
            held[next].pts = time
            delay = max(delay, held[next].number - shown)
            lastShown = held[next].place
            shown += 1
        }
        var packets: [Packet] = []
        while let first = held.first, let pts = first.pts {
            held.removeFirst()
            packets.append(stamped(first.packet, pts))
        }
        return packets
    }

    /// The next held frame in display order, if that is certain.
    private func nextShown(window: Int) -> Int? {
        let waiting = held.indices.filter { held[$0].pts == nil }
        guard let first = waiting.min(by: { held[$0].place < held[$1].place }), let last = held.last else { return nil }
        return waiting.count > window || held[first].place.sequence < last.place.sequence ? first : nil
    }

    /// A frame's decoding time precedes its display time by the reorder delay.
    private func stamped(_ packet: Packet, _ pts: Int64) -> Packet {
        let stored = stored(packet) ?? pts
        recent.append(stored)
        if recent.count > Self.window { recent.removeFirst() }
        let missing = delay - (recent.count - 1)
        let dts = missing > 0 ? recent[0] - Int64(missing) * step : recent[recent.count - 1 - delay]
        packet.pointer.pointee.pts = pts
        packet.pointer.pointee.dts = min(dts, pts)
        return packet
    }
}
