internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// The way of a stream that is right as it is: its packets are taken over. Each is looked at on the way, and the
/// keyframes of a picture stream are decoded, for the poster and as a proof; what is not sound is not copied.
final class CopyLane: Lane {
    enum Kind { case picture(PicturePlan), sound }

    let streamIndex: Int
    private let timeBase: TimeBase
    private let start: Int64
    private let muxer: Muxer
    private let output: Int
    private let keyframes: KeyframeViewer?
    private let parameterSets: ParameterSets?
    private var lastDTS: Int64?
    private let copy: Packet
    private(set) var frames = 0
    private(set) var done: Int64 = 0
    var encoded: Int { frames }
    var damaged: Int { 0 }
    var bestPicture: Frame? { keyframes?.best }

    init(_ kind: Kind, stream index: Int, source: Demuxer, into muxer: Muxer, start: Int64, profile: Profile) throws {
        streamIndex = index
        self.muxer = muxer
        self.start = start
        let stream = source.stream(index)
        timeBase = stream.pointee.time_base
        output = try muxer.addStream(copying: stream)
        copy = try Packet()
        if case .picture(let plan) = kind {
            keyframes = try KeyframeViewer(plan, stream: stream, start: start, source: source, profile: profile)
            parameterSets = ParameterSets(stream)
        } else {
            keyframes = nil
            parameterSets = nil
        }
    }

    func feed(_ packet: Packet) throws {
        guard let pts = packet.pts, let dts = packet.dts else { throw objection("a packet has no time") }
        guard dts > lastDTS ?? Int64.min else { throw objection("its times do not rise") }
        guard packet.size > 0 else { throw objection("a packet is empty") }
        if keyframes != nil, packet.pointer.pointee.flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT) != 0 {
            throw objection("an edit list or damage cuts into its groups of pictures")
        }
        if let reason = parameterSets?.objection(to: packet) { throw objection(reason) }
        if frames == 0, keyframes != nil, !packet.isKey { throw objection("it does not begin with a keyframe") }
        lastDTS = dts
        if packet.isKey, let keyframes, try !keyframes.look(at: packet) { throw objection("a keyframe does not decode") }
        frames += 1
        let zero = rescale(start, from: .microseconds, to: timeBase)
        done = max(done, rescale(pts - zero, from: timeBase, to: .microseconds))
        try check(av_packet_ref(copy.pointer, packet.pointer), "av_packet_ref")
        copy.pointer.pointee.pts = pts - zero
        copy.pointer.pointee.dts = dts - zero
        try muxer.write(copy, stream: output, timeBase: timeBase)
    }

    func finish() throws {}

    private func objection(_ reason: String) -> Reconsideration {
        Reconsideration(finding: keyframes == nil ? .soundNotCopyable(reason) : .pictureNotCopyable(reason))
    }
}
