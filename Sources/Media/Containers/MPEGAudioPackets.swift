internal import CFFmpeg

/// The frames of a copied MP3, one per packet. Between joined recordings, and after the last, there are tags
/// and other non-audio data: FFmpeg returns them with the adjacent frame, and players skip them.
struct MPEGAudioPackets {
    struct Fault: Error { var reason: String }

    private let timeBase: TimeBase
    /// The file has no timestamps except the count of its frames; otherwise a packet is one frame, and keeps its time.
    private let countsFrames: Bool
    private var kind: MPEGAudioFrame.Kind?
    private var nextTime: Int64?
    private var isCutOff = false

    init(timeBase: TimeBase, countsFrames: Bool) {
        self.timeBase = timeBase
        self.countsFrames = countsFrames
    }

    /// The frames of the next packet, without the tables of joined recordings: the result has its own.
    mutating func take(_ packet: Packet) throws -> [Packet] {
        let bytes = packet.bytes
        var (frames, position, unfinished): ([Packet], Int, Bool) = ([], 0, false)
        while position + MPEGAudioFrame.headerSize <= bytes.count {
            let rest = bytes[position...]
            guard let frame = MPEGAudioFrame(rest), isSure(frame, at: position, in: bytes) else {
                guard countsFrames else { throw Fault(reason: "it does not consist of whole frames") }
                position += 1
                continue
            }
            guard frame.size <= rest.count else {
                // The last frame of an interrupted upload: an incomplete one is dropped.
                unfinished = true
                guard countsFrames else { break }
                position += 1
                continue
            }
            guard kind == nil || frame.kind == kind else { throw Fault(reason: "its frames are of several kinds") }
            guard !isCutOff, countsFrames || rest.count == frame.size else { throw Fault(reason: "it does not consist of whole frames") }
            kind = frame.kind
            if frame.table(in: rest) == nil { frames.append(try part(packet, position, frame)) }
            position += frame.size
        }
        if unfinished, frames.isEmpty { isCutOff = true }
        return frames
    }

    /// Something in a tag that only looks like a header is not followed by another one.
    private func isSure(_ frame: MPEGAudioFrame, at position: Int, in bytes: [UInt8]) -> Bool {
        let end = position + frame.size
        if position == 0 || end == bytes.count { return true }
        if end > bytes.count { return frame.kind == kind }
        return MPEGAudioFrame(bytes[end...])?.kind == frame.kind || frame.kind == kind
    }

    private mutating func part(_ packet: Packet, _ position: Int, _ frame: MPEGAudioFrame) throws -> Packet {
        let part = try packet.reference()
        part.pointer.pointee.data += position
        part.pointer.pointee.size = Int32(frame.size)
        guard countsFrames else { return part }
        let time = nextTime ?? packet.pts ?? 0
        let length = rescale(Int64(frame.samples), from: TimeBase(num: 1, den: Int32(frame.sampleRate)), to: timeBase)
        nextTime = time + length
        (part.pointer.pointee.pts, part.pointer.pointee.dts, part.pointer.pointee.duration) = (time, time, length)
        return part
    }
}
