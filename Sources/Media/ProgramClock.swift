internal import CFFmpeg
internal import CFFmpegShims

/// The clock that the streams of a program share (ISO/IEC 13818-1, 2.4.2.1), made continuous. Recordings that were joined and
/// a clock that wrapped set it anew in the middle; packets are moved so that the film goes on where it was.
///
/// A stream that jumps is held against the others, by a look ahead that is bounded:
/// - All streams that still give packets jump to about the same time: a new clock. It goes on behind the stream that ended
///   last, so nothing is cut. That is also what becomes of a pause of the whole program beyond `Rules.forward`.
/// - Another stream gets to the new time without a jump: a gap of the one stream. It stays.
/// - The others go on with the old clock: the stream's own clock was set, and it goes on where it was. A small step backward
///   is an overlap instead, which the lanes cut.
/// - The next packet is back on the old clock: one time was wrong, and is forgotten.
struct ProgramClock {
    /// What counts as a jump, in microseconds: less is a gap or an overlap.
    struct Rules {
        /// Nil: a container whose times are meant has gaps of any length.
        var forward: Int64?
        var backward: Int64
    }

    /// Microseconds by which streams lie apart in a file, at most.
    private static let skew: Int64 = 5_000_000
    /// Microseconds: a single stream that jumps back by less overlaps itself.
    private static let overlap: Int64 = 10_000_000
    private static let mostHeld = (packets: 1000, bytes: 32 << 20)

    private let rules: Rules
    private var streams: [Int: StreamClock] = [:]
    /// Added to the times of streams that have not begun.
    private var offset: Int64 = 0
    /// The offsets that streams take at their next jump: it was decided on.
    private var decided: [Int: Int64] = [:]
    private var jump: ClockJump?
    private var held: [TimedPacket] = []
    private var heldBytes = 0
    private var ready = Fifo<Packet>()

    private struct StreamClock {
        /// Microseconds that are added to its times.
        var offset: Int64
        /// Where it should go on.
        var next: Int64
        /// It tells when its packets are decoded. Before the first such time those of their showing stand for them.
        var hasDecodingTimes = false

        func compares(_ packet: TimedPacket) -> Bool { packet.hasDecodingTime == hasDecodingTimes }
    }

    init(_ rules: Rules) { self.rules = rules }

    /// Takes the next packet of the file.
    mutating func put(_ packet: Packet, timeBase: TimeBase) {
        put(TimedPacket(packet, timeBase: timeBase))
    }

    /// The next packet that is ready, its times moved.
    mutating func take() -> Packet? { ready.popFirst() }

    /// No packet follows: what is held becomes ready.
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
        // A stream's first packet may be stored a while after its time: where times are meant, a slide behind all of its sound.
        guard let forward = rules.forward else { return !isFirst && distance < rules.backward }
        return distance > forward || distance < (isFirst ? -Self.overlap : rules.backward)
    }

    /// Notes what a packet behind the jump tells of it.
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

    /// Decides, where what is known suffices, or where it must, and goes on with what was held.
    private mutating func settle(isLast: Bool) {
        guard let jump, let verdict = jump.verdict(skew: Self.skew, isLast: isLast) else { return }
        let own = streams[jump.stream]?.offset ?? offset
        switch verdict {
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
    /// Microseconds, as the file says; nil where it does not.
    private(set) var time: Int64?
    let duration: Int64
    let hasDecodingTime: Bool
    /// Microseconds: no picture waits longer to be shown.
    private static let longestDelay: Int64 = 5_000_000

    init(_ packet: Packet, timeBase: TimeBase) {
        self.packet = packet
        self.timeBase = timeBase
        // Behind a jump FFmpeg guesses decoding times by the packets before it: the time that is told is the one that jumped.
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
