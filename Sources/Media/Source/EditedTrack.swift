internal import CFFmpeg
internal import CFFmpegShims

/// Reads the packets of one track as its edit list plays them: each edit from the preceding keyframe on, with times
/// of the movie. Frames that are only needed for decoding are marked as not displayed. One thread at a time.
final class EditedTrack {
    private let demuxer: Demuxer
    private let index: Int
    private let list: EditList
    private let timeBase: TimeBase
    private let isSound: Bool
    private var next = 0
    private var current: Part?
    private var first: Packet?

    /// An edit in the track's time base.
    private struct Part {
        var start: Int64
        var media: Int64
        var end: Int64
    }

    /// Microseconds of audio that a decoder needs to settle.
    private static let preroll: Int64 = 150_000
    /// Attempts to find a keyframe that is displayed, not only stored, before the edit's start.
    private static let tries = 4

    /// - Parameter demuxer: reads the media without its edit list; not shared.
    init(_ demuxer: Demuxer, stream index: Int, list: EditList) throws {
        self.demuxer = demuxer
        self.index = index
        self.list = list
        try demuxer.select([index])
        timeBase = demuxer.timeBase(index)
        isSound = demuxer.stream(index).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
    }

    /// The next packet, or nil at the end.
    func read() throws -> Packet? {
        while true {
            guard let part = current else {
                guard try beginNext() else { return nil }
                continue
            }
            guard let packet = try first ?? demuxer.next(), let time = packet.pts ?? packet.dts else {
                current = nil
                continue
            }
            first = nil
            guard time < part.end || packet.dts ?? time < part.end else {
                current = nil
                continue
            }
            cut(packet, part)
            move(packet, by: part.start - part.media)
            return packet
        }
    }

    /// Advances to the next non-empty edit. False at the end.
    private func beginNext() throws -> Bool {
        while next < list.edits.count {
            let edit = list.edits[next]
            next += 1
            guard let media = edit.media, edit.rate != 0 || !isSound else { continue }
            let movie = AVRational(num: 1, den: list.timeScale)
            let start = rescale(edit.start, from: movie, to: timeBase)
            // The last edit may extend to the media's end; one that holds its frame displays one.
            let length = edit.rate == 0 ? 1 : edit.duration == 0 ? latestTime : rescale(edit.duration, from: movie, to: timeBase)
            let part = Part(start: start, media: media, end: media + min(length, latestTime))
            guard try seek(to: part) else { continue }
            first?.startsAnew = true
            current = part
            return true
        }
        return false
    }

    private func seek(to part: Part) throws -> Bool {
        var target = part.media - (isSound ? rescale(Self.preroll, from: .microseconds, to: timeBase) : 0)
        for attempt in 1...Self.tries {
            do {
                try demuxer.seek(stream: index, to: max(0, target))
            } catch {
                // Without an index to seek by, only the beginning can be read.
                guard next == 1 else { return false }
            }
            guard let packet = try demuxer.next() else { return false }
            first = packet
            guard let pts = packet.pts, let dts = packet.dts, !isSound, pts > part.media, attempt < Self.tries, dts > 0 else { break }
            target = dts - 1
        }
        return true
    }

    /// Marks packets outside the edit.
    private func cut(_ packet: Packet, _ part: Part) {
        guard let pts = packet.pts ?? packet.dts else { return }
        let duration = max(1, packet.pointer.pointee.duration)
        guard pts < part.end, pts + duration > part.media else {
            packet.pointer.pointee.flags |= AV_PKT_FLAG_DISCARD
            return
        }
        if isSound {
            trim(packet, front: max(0, part.media - pts), back: max(0, pts + duration - part.end))
        } else if pts < part.media {
            // Its rest is displayed, unless that is negligible.
            if 4 * (pts + duration - part.media) < duration { packet.pointer.pointee.flags |= AV_PKT_FLAG_DISCARD }
            packet.pointer.pointee.pts = part.media
        }
    }

    /// The duration that the decoder drops from the packet's output; in the track's time base.
    private func trim(_ packet: Packet, front: Int64, back: Int64) {
        guard front > 0 || back > 0 else { return }
        let rate = demuxer.stream(index).pointee.codecpar.pointee.sample_rate
        guard rate > 0, let data = av_packet_new_side_data(packet.pointer, AV_PKT_DATA_SKIP_SAMPLES, 10) else { return }
        let samples = [front, back].map { rescale($0, from: timeBase, to: AVRational(num: 1, den: rate)) }
        for (place, count) in samples.enumerated() {
            for byte in 0..<4 { data[place * 4 + byte] = UInt8(truncatingIfNeeded: count >> Int64(8 * byte)) }
        }
        (data[8], data[9]) = (0, 0)
    }

    private func move(_ packet: Packet, by shift: Int64) {
        if let pts = packet.pts { packet.pointer.pointee.pts = pts + shift }
        if let dts = packet.dts { packet.pointer.pointee.dts = dts + shift }
    }
}
