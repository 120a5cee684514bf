internal import CFFmpeg
internal import CFFmpegShims

/// Gives the pictures of a stream the times at which they are shown, where the file tells only when they are decoded:
/// AVI has no other, Matroska has none for tracks made for AVI's players, and some programs write H.264 with B-frames to
/// FLV and MP4 without the difference between the two. The picture that is shown as the k-th gets the k-th of the times.
final class DisplayTimes {
    /// What the file's times are.
    enum Meaning {
        case unknown, display
        /// Decoding times, in the order of the pictures as they are stored.
        case decoding
    }

    /// No codec here holds back more pictures: sixteen frames, each of two fields.
    private static let window = 32
    /// After so many pictures without a B-frame there are none.
    private static let timeouts = 300

    private let order: PictureOrder
    private let step: Int64
    private(set) var meaning: Meaning
    /// Where decoding times are kept as times of display, FFmpeg's decoding times are guesses from them.
    private var isNamedDisplay = false
    /// When the sound begins.
    private let soundStart: Int64?
    private var held: ArraySlice<Held> = []
    /// Times that no picture has been given yet, in their order.
    private var free: ArraySlice<Int64> = []
    /// Those of the last pictures, for their decoding times.
    private var recent: [Int64] = []
    private var delay: Int
    private var lastShown: PictureOrder.Place?
    /// What the times are moved by.
    private var moved: Int64 = 0
    private var count = 0
    private var shown = 0

    private struct Held {
        let packet: Packet
        let place: PictureOrder.Place
        /// How many are stored before it.
        let number: Int
        var pts: Int64?
    }

    /// - Parameters:
    ///   - meaning: of the times in the file, as far as its format tells.
    ///   - soundStart: microseconds at which the sound begins.
    /// Nil where the pictures are stored in the order in which they are shown.
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

    /// Takes the stream's next packet; returns those whose times are known now, as they are stored.
    func take(_ packet: Packet) -> [Packet] {
        if meaning == .unknown, packet.pts == nil, packet.dts != nil { meaning = .decoding }
        guard meaning != .display else { return [packet] }
        // An empty chunk of AVI: the picture before it stays.
        guard packet.size > 0 || meaning == .unknown else { return [] }
        var place = order.next(packet)
        if let lastShown, place < lastShown { place = order.beginSequence() }
        if meaning == .unknown { judge(packet, place) }
        held.append(Held(packet: packet, place: place, number: count))
        count += 1
        free.append(stored(packet) ?? (free.last ?? recent.last).map { $0 + step } ?? 0)
        if meaning == .unknown, count > Self.timeouts { meaning = .display }
        return meaning == .display ? rest() : advance(window: Self.window)
    }

    /// The packets that are still held, at the end of the stream.
    func rest() -> [Packet] { advance(window: 0) }

    /// Forgets what it holds: reading goes on elsewhere.
    func restart() {
        (held, free, recent, lastShown) = ([], [], [], nil)
        (count, shown) = (0, 0)
    }

    /// A picture that is shown before one that is stored before it tells, if the two have times of their own.
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

    /// By how much the pictures are late beside their sound by the way in which the times were made: each was given the
    /// decoding time of the next one, or those before zero moved the sound to behind them.
    private var distanceToSound: Int64 {
        guard let soundStart, let first = held.first?.packet.pts else { return 0 }
        let late = first - soundStart
        func isAbout(_ distance: Int64) -> Bool { abs(late - distance) <= step / 10 }
        if isAbout(step) { return -step }
        return delay > 0 && isAbout(-Int64(delay) * step) ? Int64(delay) * step : 0
    }

    /// The time that the file has for a packet.
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

    /// Which of those that are held is shown next, where that is sure.
    private func nextShown(window: Int) -> Int? {
        let waiting = held.indices.filter { held[$0].pts == nil }
        guard let first = waiting.min(by: { held[$0].place < held[$1].place }), let last = held.last else { return nil }
        return waiting.count > window || held[first].place.sequence < last.place.sequence ? first : nil
    }

    /// A picture is decoded as long before the time that the file gives it as pictures are held back.
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
