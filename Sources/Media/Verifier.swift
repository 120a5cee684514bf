internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// Reads the finished output back, as a player would, before anybody relies on it.
struct Verifier {
    let plan: Plan
    /// Microseconds.
    let expected: Int
    let verification: Verification
    let tell: (MediaMessage) throws -> Void

    /// Microseconds by which the index may differ from what was written: an encoder's padding and one frame.
    private static let tolerance = 150_000

    func check(output: CInt) throws {
        do {
            let demuxer = try Demuxer(descriptor: output)
            try checkStreams(demuxer)
            try checkIndexInFront(output)
            try checkPackets(demuxer)
        } catch let failure as MediaFailure where failure.code != .verifyFailed {
            throw MediaFailure(
                .verifyFailed, "The result could not be read back.", detail: "\(failure.reason)\n\(failure.detail)")
        }
    }

    private func fail(_ detail: String) -> MediaFailure {
        MediaFailure(.verifyFailed, "The result did not read back as it was written.", detail: detail)
    }

    private func checkStreams(_ demuxer: Demuxer) throws {
        let kinds = Prober.describe(demuxer).streams.map(\.kind)
        let wanted: [StreamInfo.Kind] = [plan.picture.map { _ in .video }, plan.sound.map { _ in .audio }].compactMap { $0 }
        guard kinds == wanted else { throw fail("streams \(kinds), expected \(wanted)") }
        let duration = Int(demuxer.duration ?? 0)
        guard abs(duration - expected) <= Self.tolerance else {
            throw fail("duration \(duration) µs, expected \(expected) µs")
        }
    }

    /// ISO/IEC 14496-12: boxes of the top level are a size and a name; `moov` must stand before `mdat`.
    private func checkIndexInFront(_ output: CInt) throws {
        let stream = try ByteStream(descriptor: output, direction: .reading)
        var position: Int64 = 0
        while position < stream.size {
            avio_seek(stream.context, position, SEEK_SET)
            var size = Int64(avio_rb32(stream.context))
            let name = avio_rl32(stream.context)
            if size == 1 { size = Int64(bitPattern: avio_rb64(stream.context)) }
            if name == Self.tag("moov") { return }
            guard name != Self.tag("mdat"), size >= 8 else { break }
            position += size
        }
        throw fail("the index is not in front")
    }

    private static func tag(_ name: StaticString) -> UInt32 {
        name.withUTF8Buffer { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// Timestamps rise, and the picture and the sound decode: at the start, the middle and the end, or all of it.
    private func checkPackets(_ demuxer: Demuxer) throws {
        var lastDTS: [Int: Int64] = [:]
        var lanes: [Int: Window] = [:]
        for index in 0..<demuxer.streamCount {
            lanes[index] = try Window(demuxer, index, expected: expected, isFull: verification == .full)
        }
        while let packet = try demuxer.next() {
            guard let dts = packet.dts else { throw fail("a packet without a time in stream \(packet.streamIndex)") }
            if let last = lastDTS[packet.streamIndex], dts <= last {
                throw fail("times do not rise in stream \(packet.streamIndex): \(last), then \(dts)")
            }
            lastDTS[packet.streamIndex] = dts
            try lanes[packet.streamIndex]?.take(packet)
        }
        for lane in lanes.values {
            try lane.finish()
            guard lane.damaged == 0, lane.frames > 0 else {
                throw fail("stream \(lane.index): \(lane.frames) frames decoded, \(lane.damaged) did not")
            }
        }
    }
}

/// Decodes those parts of a stream that are looked at, each from its first keyframe on.
private final class Window {
    let index: Int
    private let decoder: Decoder
    private let frame: Frame
    private let timeBase: TimeBase
    /// Microseconds, start and end of each part.
    private let parts: [ClosedRange<Int64>]
    private var isInPart = false
    private(set) var frames = 0
    var damaged: Int { decoder.damaged }

    init(_ demuxer: Demuxer, _ index: Int, expected: Int, isFull: Bool) throws {
        self.index = index
        let stream = demuxer.stream(index)
        let isPicture = stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: isPicture ? AllowList.videoDecoders : AllowList.audioDecoders)
        frame = try Frame()
        timeBase = stream.pointee.time_base
        let (end, look) = (Int64(expected), Int64(200_000))
        parts =
            isFull || end < 6 * look
            ? [Int64.min...Int64.max]
            : [Int64.min...look, end / 2 - look...end / 2 + look, end - look...Int64.max]
    }

    func take(_ packet: Packet) throws {
        let time = rescale(packet.pts ?? packet.dts ?? 0, from: timeBase, to: .microseconds)
        let isWanted = parts.contains { $0.contains(time) }
        // A part begins at a keyframe, and is decoded on to where it ends.
        if packet.isKey { isInPart = isWanted || parts.contains { $0.lowerBound > time && $0.lowerBound - time < 2_000_000 } }
        guard isInPart else { return }
        try decoder.send(packet)
        try drain()
    }

    func finish() throws {
        try decoder.send(nil)
        try drain()
    }

    private func drain() throws {
        while try decoder.receive(into: frame) == .ready {
            frames += 1
            frame.unreference()
        }
    }
}
