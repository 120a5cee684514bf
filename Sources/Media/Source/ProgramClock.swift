internal import CFFmpeg
internal import CFFmpegShims

/// The clock shared by the streams of a program (ISO/IEC 13818-1, 2.4.2.1), made continuous. Joined recordings and
/// a clock wraparound reset it midway; packets are shifted so that the media continues where it was.
///
/// A stream that jumps is compared with the others, with a bounded lookahead:
/// - All streams that still have packets jump to about the same time: a new clock. It continues after the stream that ended
///   last, so nothing is cut. The same happens with a pause of the whole program beyond `Rules.forward`.
/// - Another stream gets to the new time without a jump: a gap of the one stream. It stays.
/// - The others continue with the old clock: only the stream's clock was reset, and it continues where it was. A small step backward
///   is an overlap instead, which the lanes cut.
/// - The next packet is back on the old clock: one timestamp was wrong, and is ignored.
struct ProgramClock {
    /// The thresholds of a jump, in microseconds: less is a gap or an overlap.
    struct Rules {
        /// Nil: a container with intended timestamps has gaps of any length.
        var forward: Int64?
        var backward: Int64
    }

    /// The maximum distance of streams in a file, in microseconds.
    private static let skew: Int64 = 5_000_000
    /// Microseconds: a single stream that jumps back by less overlaps itself.
    private static let overlap: Int64 = 10_000_000
    private static let mostHeld = (packets: 1000, bytes: 32 << 20)

    private let rules: Rules
    private var streams: [Int: StreamClock] = [:]
    /// The offset of streams that have not started.
    private var offset: Int64 = 0
    /// The decided offsets that streams apply at their next jump.
    private var decided: [Int: Int64] = [:]
    private var jump: ClockJump?
    private var held: [TimedPacket] = []
    private var heldBytes = 0
    private var ready = Fifo<Packet>()

    private struct StreamClock {
        /// The offset of its timestamps, in microseconds.
        var offset: Int64
        /// Where it should continue.
        var next: Int64
        /// It has decoding times. Before the first of them, display times are used instead.
        var hasDecodingTimes = false

        func compares(_ packet: TimedPacket) -> Bool { packet.hasDecodingTime == hasDecodingTimes }
    }

    init(_ rules: Rules) { self.rules = rules }

    /// Takes the next packet of the file.
    mutating func put(_ packet: Packet, timeBase: TimeBase) {
        put(TimedPacket(packet, timeBase: timeBase))
    }

    /// The next finished packet, with shifted timestamps.
    mutating func take() -> Packet? { ready.popFirst() }

    /// No packet follows: held packets become ready.
    mutating func finish() {
        while jump != nil { settle(isLast: true) }
    }

    private mutating func put(_ packet: TimedPacket) {
        guard var jump else { return admit(packet) }
        held.append(packet)
        heldBytes += packet.packet.weight
        follow(packet, &jump)
        self.jump = jump
        settle(isLast: held.count >= Self.mostHeld.packets || heldBytes >= Self.mostHeld.bytes)
    }

    private mutating func admit(_ packet: TimedPacket) {
        let index = packet.packet.streamIndex
        guard let raw = packet.time else { return ready.append(packet.packet) }
        let known = streams[index]
        var clock = known ?? StreamClock(
            offset: offset, next: streams.values.map(\.next).max() ?? raw + offset, hasDecodingTimes: packet.hasDecodingTime)
        if clock.hasDecodingTimes, !packet.hasDecodingTime {
            packet.move(by: clock.offset)
            return ready.append(packet.packet)
        }
        if clock.compares(packet), isJump(raw + clock.offset - clock.next, isFirst: known == nil) {
            guard let offset = decided.removeValue(forKey: index) else {
                jump = ClockJump(
                    stream: index, raw: raw, expected: clock.next, target: raw + clock.offset,
                    next: raw + clock.offset + packet.duration,
                    others: streams.filter { $0.key != index }.mapValues { .init(begin: $0.next, next: $0.next) })
                held = [packet]
                heldBytes = packet.packet.weight
                return settle(isLast: false)
            }
            clock.offset = offset
        }
        clock.next = raw + clock.offset + packet.duration
        clock.hasDecodingTimes = packet.hasDecodingTime
        streams[index] = clock
        packet.move(by: clock.offset)
        ready.append(packet.packet)
    }

    private func isJump(_ distance: Int64, isFirst: Bool) -> Bool {
        // A stream's first packet may be stored long after its time: for intended timestamps, a slide after all of its audio.
        guard let forward = rules.forward else { return !isFirst && distance < rules.backward }
        return distance > forward || distance < (isFirst ? -Self.overlap : rules.backward)
    }

    /// Records evidence from a packet after the jump.
    private func follow(_ packet: TimedPacket, _ jump: inout ClockJump) {
        guard let raw = packet.time else { return }
        let index = packet.packet.streamIndex
        guard streams[index]?.compares(packet) != false else { return }
        let offset = streams[index]?.offset ?? offset
        let time = raw + offset
        if index == jump.stream {
            if !jump.isFollowed { jump.isBack = abs(time - jump.expected) < abs(time - jump.next) }
            jump.isFollowed = true
            jump.next = time + packet.duration
            return
        }
        var other = jump.others[index] ?? .init(begin: jump.expected, next: jump.expected)
        if other.jump == nil {
            if isJump(time - other.next, isFirst: false) {
                other.jump = (raw: raw, expected: other.next, target: time)
            } else {
                other.next = time + packet.duration
            }
        }
        jump.others[index] = other
    }

    /// Decides, if the evidence suffices, or if it must, and continues with the held packets.
    private mutating func settle(isLast: Bool) {
        guard let jump, let kind = jump.kind(skew: Self.skew, isLast: isLast) else { return }
        let own = streams[jump.stream]?.offset ?? offset
        switch kind {
        case .gap: decided[jump.stream] = own
        case .wrongTime: held[0].forget()
        case .ownClock:
            let isOverlap = jump.target < jump.expected && (rules.forward == nil || jump.expected - jump.target < Self.overlap)
            decided[jump.stream] = isOverlap ? own : jump.expected - jump.raw
        case .newClock:
            offset = jump.newOffset(skew: Self.skew)
            decided[jump.stream] = offset
            for (index, other) in jump.others where streams[index] != nil {
                if other.isSilent {
                    streams[index]?.offset = offset
                } else if other.jump == nil || jump.joins(other, Self.skew) {
                    decided[index] = offset
                }
            }
        }
        let packets = held
        self.jump = nil
        held = []
        heldBytes = 0
        for packet in packets { put(packet) }
    }
}

/// A packet and its decoding time.
private struct TimedPacket {
    let packet: Packet
    let timeBase: TimeBase
    /// Microseconds in the file; nil if unspecified.
    private(set) var time: Int64?
    let duration: Int64
    let hasDecodingTime: Bool
    /// Microseconds: no frame waits longer to be displayed.
    private static let longestDelay: Int64 = 5_000_000

    init(_ packet: Packet, timeBase: TimeBase) {
        self.packet = packet
        self.timeBase = timeBase
        // After a jump, FFmpeg guesses decoding times from the packets before it: the explicit time is the one that jumped.
        if let pts = packet.pts, let dts = packet.dts,
            abs(rescale(pts - dts, from: timeBase, to: .microseconds)) > Self.longestDelay
        {
            packet.pointer.pointee.dts = pts
        }
        hasDecodingTime = packet.dts != nil
        time = (packet.dts ?? packet.pts).map { rescale($0, from: timeBase, to: .microseconds) }
        duration = rescale(max(0, packet.pointer.pointee.duration), from: timeBase, to: .microseconds)
    }

    func move(by offset: Int64) {
        if offset != 0 { packet.move(by: rescale(offset, from: .microseconds, to: timeBase)) }
    }

    mutating func forget() {
        packet.pointer.pointee.pts = shim_nopts
        packet.pointer.pointee.dts = shim_nopts
        time = nil
    }
}
