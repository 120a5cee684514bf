internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// Reads the finished output back, as a player would, before anybody relies on it.
struct Verifier {
    let plan: Plan
    /// Microseconds.
    let expected: Int
    let verification: Verification
    /// Called for every packet that is looked at.
    let tick: () throws -> Void

    /// Microseconds by which the index may differ from what was written: an encoder's padding and one frame.
    private static let tolerance = 150_000
    /// Microseconds that are decoded at the start, the middle and the end.
    private static let look: Int64 = 200_000

    /// - Throws: `MediaFailure` of code `verifyFailed`; `Reconsideration` where a copied stream does not decode.
    func check(output: CInt) throws {
        do {
            try checkIndex(output)
            try checkTimes(Demuxer(descriptor: output))
            try checkDecoding(output)
        } catch let failure as MediaFailure where failure.code != .verifyFailed {
            throw fail("\(failure.reason)\n\(failure.detail)")
        }
    }

    /// Decodes a file that is kept as it is, as its copy would be.
    /// - Throws: `Reconsideration` where it does not decode.
    func check(kept source: CInt) throws { try checkDecoding(source) }

    private func checkDecoding(_ file: CInt) throws {
        let middle = Int64(expected) / 2, end = Int64(expected) - Self.look
        guard verification == .quick, end >= 5 * Self.look else { return try decode(file, from: nil, to: Int64.max) }
        try decode(file, from: nil, to: Self.look)
        try decode(file, from: middle, to: middle + Self.look)
        try decode(file, from: end, to: Int64.max)
    }

    private func fail(_ detail: String) -> MediaFailure {
        MediaFailure(.verifyFailed, "The result did not read back as it was written.", detail: detail)
    }

    private func checkIndex(_ output: CInt) throws {
        guard try MovieBoxes(descriptor: output)?.isIndexInFront == true else { throw fail("the index is not in front") }
        let demuxer = try Demuxer(descriptor: output)
        let kinds = Prober.describe(demuxer).streams.map(\.kind)
        let wanted: [StreamInfo.Kind] = [plan.picture.map { _ in .video }, plan.sound.map { _ in .audio }].compactMap { $0 }
        guard kinds == wanted else { throw fail("streams \(kinds), expected \(wanted)") }
        let duration = Int(demuxer.duration ?? 0)
        guard abs(duration - expected) <= Self.tolerance else {
            throw fail("duration \(duration) µs, expected \(expected) µs")
        }
    }

    private func checkTimes(_ demuxer: Demuxer) throws {
        var last = [Int64](repeating: Int64.min, count: demuxer.streamCount)
        while let packet = try demuxer.next() {
            try tick()
            guard let dts = packet.dts, packet.pts != nil, packet.streamIndex < last.count else {
                throw fail("a packet without a time in stream \(packet.streamIndex)")
            }
            guard dts > last[packet.streamIndex] else {
                throw fail("times do not rise in stream \(packet.streamIndex): \(last[packet.streamIndex]), then \(dts)")
            }
            last[packet.streamIndex] = dts
        }
    }

    /// Decodes all streams from the keyframe before `start` (microseconds; nil is the beginning) up to `end`.
    private func decode(_ output: CInt, from start: Int64?, to end: Int64) throws {
        // Parsers have their say when the file is opened already.
        let complaints = FFmpegLog.total
        let demuxer = try Demuxer(descriptor: output)
        if let start {
            try demuxer.seek(stream: 0, to: rescale(start, from: .microseconds, to: demuxer.timeBase(0)))
        }
        let decoders = try (0..<demuxer.streamCount).map { index in
            let stream = demuxer.stream(index)
            let isPicture = stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
            return try Decoder(
                stream: stream, threads: 1, allowed: isPicture ? AllowList.videoDecoders : AllowList.audioDecoders,
                isStrict: true)
        }
        var counts = [Int](repeating: 0, count: decoders.count)
        var isPast = [Bool](repeating: false, count: decoders.count)
        var last = [Int64?](repeating: nil, count: decoders.count)
        var isJumbled = [Bool](repeating: false, count: decoders.count)
        let frame = try Frame()
        func drain(_ index: Int) throws {
            while try decoders[index].receive(into: frame) == .ready {
                counts[index] += 1
                // A player shows what comes out in the order of its times, and drops what is late.
                if let pts = frame.pts {
                    if let before = last[index], pts <= before { isJumbled[index] = true }
                    last[index] = pts
                }
                frame.unreference()
            }
        }
        while isPast.contains(false), let packet = try demuxer.next() {
            try tick()
            let index = packet.streamIndex
            guard index < decoders.count, !isPast[index] else { continue }
            try decoders[index].send(packet)
            try drain(index)
            let time = rescale(packet.dts ?? 0, from: demuxer.timeBase(index), to: .microseconds)
            isPast[index] = time > end
        }
        for (index, decoder) in decoders.enumerated() {
            try decoder.send(nil)
            try drain(index)
            let isPicture = demuxer.stream(index).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_VIDEO
            // A stream may end before the other: then there is nothing to decode at the end.
            guard decoder.damaged == 0, counts[index] > 0 || start != nil else {
                throw objection(toPicture: isPicture, "\(counts[index]) frames decoded, \(decoder.damaged) did not")
            }
            guard !isPicture || !isJumbled[index] else {
                throw objection(toPicture: true, "the times of its frames do not rise")
            }
        }
        guard FFmpegLog.total == complaints || !hasCopies else {
            throw objection(toPicture: plan.picture?.isCopied == true, FFmpegLog.lastLines())
        }
    }

    /// Of what we encoded ourselves a complaint is no more than a remark.
    private var hasCopies: Bool { plan.picture?.isCopied == true || plan.sound?.isCopied == true }

    /// A stream that was copied is encoded instead; one that we encoded is our own failure.
    private func objection(toPicture isPicture: Bool, _ detail: String) -> any Error {
        if isPicture, plan.picture?.isCopied == true {
            return Reconsideration(finding: .pictureNotCopyable("it is damaged, and parts of it do not decode"))
        }
        if !isPicture, plan.sound?.isCopied == true {
            return Reconsideration(finding: .soundNotCopyable("it is damaged, and parts of it do not decode"))
        }
        return fail("\(isPicture ? "picture" : "sound"): \(detail)")
    }
}
