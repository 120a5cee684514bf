internal import CFFmpeg

/// Broadcast and camera streams may set their clock anew in the middle: recordings that were joined, a clock that
/// wrapped. Every packet is moved so that the film goes on where it was. Where a container's times are meant (MP4,
/// Matroska), a jump is a gap, and stays.
struct ClockMender {
    /// Microseconds. Smaller jumps are gaps and overlaps, which the lanes repair; larger ones are another clock.
    private static let forward: Int64 = 10_000_000
    private static let backward: Int64 = -1_000_000

    private let isNeeded: Bool
    private var offset: Int64 = 0
    /// Where each stream should go on, on the mended clock; and the farthest of all.
    private var next: [Int: Int64] = [:]
    private var latest: Int64?

    init(_ source: Demuxer) {
        isNeeded = source.mayResetClock
    }

    mutating func mend(_ packet: Packet, timeBase: TimeBase) {
        guard isNeeded, let time = packet.dts ?? packet.pts else { return }
        let raw = rescale(time, from: timeBase, to: .microseconds)
        if let expected = next[packet.streamIndex] {
            let jump = raw + offset - expected
            if jump > Self.forward || jump < Self.backward { offset -= jump }
        } else if let latest, abs(raw + offset - latest) > Self.forward {
            // A stream's first packet may be stored a while before or after its time.
            offset -= raw + offset - latest
        }
        let duration = rescale(max(0, packet.pointer.pointee.duration), from: timeBase, to: .microseconds)
        next[packet.streamIndex] = raw + offset + duration
        latest = max(latest ?? Int64.min, raw + offset)
        guard offset != 0 else { return }
        let shift = rescale(offset, from: .microseconds, to: timeBase)
        if let pts = packet.pts { packet.pointer.pointee.pts = pts + shift }
        if let dts = packet.dts { packet.pointer.pointee.dts = dts + shift }
    }
}
