internal import CFFmpeg

/// The frames of an MP3 that is copied, one to a packet. Between recordings that were joined, and behind the last, lie tags
/// and other things that are no sound: FFmpeg hands them out with the frame beside them, and players pass over them.
struct MPEGAudioPackets {
    struct Fault: Error { var reason: String }

    private let timeBase: TimeBase
    /// The file has no times but those that its frames count; else a packet is one frame, and keeps its time.
    private let countsFrames: Bool
    private var kind: MPEGAudioFrame.Kind?
    private var nextTime: Int64?
    private var isCutOff = false

    init(timeBase: TimeBase, countsFrames: Bool) {
        self.timeBase = timeBase
        self.countsFrames = countsFrames
    }

    /// The frames of the next packet, without the tables of recordings that were joined: the result has its own.
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
                // The last frame of an upload that broke off: a part of one is none.
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

    /// What merely looks like a header, somewhere in a tag, is followed by none.
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
