/// A stream whose timestamps jump, with evidence from the following packets. All times in microseconds, and on the output's
/// clock unless they are called raw.
struct ClockJump {
    enum Kind { case gap, newClock, ownClock, wrongTime }

    /// Another stream, after the jump.
    struct Other {
        /// Its position when the stream jumped, and how far it got without a jump of its own.
        let begin: Int64
        var next: Int64
        var jump: (raw: Int64, expected: Int64, target: Int64)?

        /// It had no packet.
        var isSilent: Bool { next == begin && jump == nil }
    }

    let stream: Int
    /// The timestamp in the file.
    let raw: Int64
    /// Where the stream should have continued, and where it did.
    let expected: Int64
    let target: Int64
    /// How far it got since.
    var next: Int64
    var others: [Int: Other]
    /// A second packet of the stream followed; and it was back at the old time.
    var isFollowed = false
    var isBack = false

    /// - Parameters:
    ///   - skew: the maximum distance of streams in a file.
    ///   - isLast: no more evidence will come.
    /// - Returns: nil if more evidence is needed.
    func kind(skew: Int64, isLast: Bool) -> Kind? {
        if isBack { return .wrongTime }
        let others = others.values
        // A stream that is nearer to the new time than to the old one got there without a jump.
        if target > expected, others.contains(where: { $0.next - expected > (target - expected) / 2 }) { return .gap }
        if others.contains(where: { joins($0, skew) }) { return .newClock }
        if others.contains(where: { $0.jump == nil && $0.next > max(expected, $0.begin) + skew }) { return .ownClock }
        let isAlone = others.allSatisfy(\.isSilent)
        if isAlone, isFollowed, others.isEmpty || abs(next - target) > skew { return .newClock }
        guard isLast else { return nil }
        return isAlone ? .newClock : .ownClock
    }

    /// The other stream jumped to about the same time.
    func joins(_ other: Other, _ skew: Int64) -> Bool {
        other.jump.map { abs($0.target - target) <= skew } ?? false
    }

    /// The offset of the new clock, so that it starts where the last of the streams ended.
    func newOffset(skew: Int64) -> Int64 {
        let jumps = others.values.filter { joins($0, skew) }.compactMap(\.jump)
        return jumps.reduce(expected - raw) { max($0, $1.expected - $1.raw) }
    }
}
