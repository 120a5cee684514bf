internal import CFFmpeg
internal import CFFmpegShims
internal import CLinux
internal import MediaWire
internal import Verdicts

/// Reads the finished output back, like a player, before it is used.
struct Verifier {
    let plan: Plan
    /// Microseconds.
    let expected: Int
    let verification: Verification
    /// Called for every packet read.
    let tick: () throws -> Void

    /// The tolerance of the index's duration in microseconds: an encoder's padding and one frame.
    private static let tolerance = 150_000
    /// The amplitude at which a player clips.
    private static let fullScale: Float = 1
    /// Microseconds to decode at the start, the middle and the end.
    private static let look: Int64 = 200_000

    /// - Throws: `Verdict` with code `verifyFailed`; `ReplanRequest` if a copied stream does not decode.
    func check(output: CInt) throws {
        do {
            try checkIndex(output)
            try replay(output, isOutput: true)
        } catch let failure as Verdict where failure.code != .verifyFailed {
            // A damaged MP3 may have too little left for one.
            if plan.container == .mp3 { throw objection(toPicture: false, failure.detail) }
            throw fail("\(failure.reason)\n\(failure.detail)")
        }
    }

    /// Decodes a file that is kept unchanged, as its copy would be.
    /// - Throws: `ReplanRequest` if it does not decode.
    func check(kept source: CInt) throws { try replay(source, isOutput: false) }

    /// Whether a kept source decodes, although its streams were encoded.
    func isRight(source: CInt) throws -> Bool {
        do {
            try replay(source, isOutput: false)
            return true
        } catch is ReplanRequest {
            return false
        } catch let failure as Verdict where failure.code == .verifyFailed {
            return false
        }
    }

    private func fail(_ detail: String) -> Verdict {
        Verdict(.verification, detail: detail)
    }

    /// As strict as browsers: they rely on the index.
    private func checkIndex(_ output: CInt) throws {
        guard plan.container != .mp3 else {
            let scan = MPEGAudioScan(try ByteStream(descriptor: output, direction: .reading))
            if scan.table == nil || scan.objection != nil { throw fail(scan.objection ?? "no table in front") }
            return
        }
        guard let boxes = try MovieBoxes(descriptor: output), boxes.isIndexInFront else { throw fail("the index is not in front") }
        guard let header = boxes.header else { throw fail("the header is invalid") }
        let handlers = [plan.sound.map { _ in "soun" }, plan.picture.map { _ in "vide" }].compactMap(\.self)
        guard header.tracks.map(\.handler).sorted() == handlers, header.tracks.allSatisfy(\.isEnabled) else {
            throw fail("tracks \(header.tracks.map(\.handler)), expected \(handlers)")
        }
    }

    private func checkHeader(_ demuxer: Demuxer) throws {
        let kinds = Prober.describe(demuxer).streams.map(\.kind)
        let wanted: [StreamInfo.Kind] = [plan.picture.map { _ in .video }, plan.sound.map { _ in .audio }].compactMap { $0 }
        guard kinds == wanted else { throw fail("streams \(kinds), expected \(wanted)") }
        let duration = Int(demuxer.duration ?? 0)
        // MP3 durations count whole frames, including the encoder's padding.
        guard abs(duration - expected) <= (plan.container == .mp3 ? 2 * Self.tolerance : Self.tolerance) else {
            throw fail("duration \(duration) µs, expected \(expected) µs")
        }
    }

    /// Reads all packets in one pass; the stream's replay decides which are decoded.
    private func replay(_ file: CInt, isOutput: Bool) throws {
        // Parsers may report errors during opening.
        let complaints = FFmpegLog.total
        let demuxer = try Demuxer(descriptor: file)
        if isOutput { try checkHeader(demuxer) }
        let all = verification == .full || Int64(expected) < 6 * Self.look
        // Nobody has decoded all of a copied video: damage between its keyframes only shows in decoding.
        func takesAll(of index: Int) -> Bool { all || plan.picture?.isCopied == true && demuxer.isPicture(index) }
        // For copied video, nothing else sees all frames.
        let watches = plan.picture.map { $0.isCopied && $0.watchesForFields } == true
        let replays = try run(demuxer, marks: isOutput ? nil : KeyframeIndexCheck(demuxer)) { pipeline in
            // Shortens the later fsync.
            if isOutput { try pipeline.run("write out") { clinux_begin_writing_out(file) } }
            return try (0..<demuxer.streamCount).map { index in
                try StreamReplay(
                    demuxer, stream: index,
                    samples: takesAll(of: index) || hasToDecodeAll(of: index, in: demuxer) ? .all : .some(of: index, in: demuxer, duration: Int64(expected), look: Self.look),
                    fieldsFrom: watches && demuxer.isPicture(index) ? (isOutput ? 0 : plan.start) : nil, in: pipeline)
            }
        }
        for (index, replay) in replays.enumerated() {
            if isOutput, let fault = replay.timeFault { throw fail("stream \(index): \(fault)") }
            guard replay.damaged == 0, replay.frames > 0 else {
                throw objection(toPicture: replay.isPicture, "\(replay.frames) frames decoded, \(replay.damaged) failed")
            }
            if isOutput, plan.sound?.isCopied == false, plan.sound?.isCautious == false, replay.peak > Self.fullScale {
                throw ReplanRequest(finding: .soundClips)
            }
            guard !replay.isPicture || !replay.isJumbled else {
                throw objection(toPicture: true, "the timestamps of its frames do not increase")
            }
        }
        // A player's timestamps differ from those decoded here.
        guard isOutput || !demuxer.repairsDisplayTimes else {
            throw ReplanRequest(finding: .pictureNotCopyable("the file lacks display times for its frames"))
        }
        guard FFmpegLog.total == complaints || !hasCopies else {
            throw objection(toPicture: plan.picture?.isCopied == true, FFmpegLog.lastLines())
        }
    }

    /// For audio, every packet: decoding is cheap, and damage or clipping is audible.
    private func hasToDecodeAll(of index: Int, in demuxer: Demuxer) -> Bool {
        demuxer.stream(index).pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO
    }

    /// This thread reads, those of the replays decode. Returns the finished replays of all streams.
    private func run(_ demuxer: Demuxer, marks: KeyframeIndexCheck?, _ begin: (Pipeline) throws -> [StreamReplay]) throws -> [StreamReplay] {
        var marks = marks
        let pipeline = Pipeline()
        var replays: [StreamReplay] = []
        do {
            replays = try begin(pipeline)
            while let packet = try demuxer.next() {
                try tick()
                if marks?.areRight(for: packet) == false { throw ReplanRequest(finding: .indexIsWrong) }
                if packet.streamIndex < replays.count { try replays[packet.streamIndex].take(packet) }
            }
            for replay in replays { replay.finish() }
        } catch {
            pipeline.stop(error)
        }
        try pipeline.join()
        return replays
    }

    /// For our own encoding, an FFmpeg complaint is only a remark.
    private var hasCopies: Bool { plan.picture?.isCopied == true || plan.sound?.isCopied == true }

    /// A copied stream is encoded instead; a failed encoded one is our own failure.
    private func objection(toPicture isPicture: Bool, _ detail: String) -> any Error {
        if isPicture, plan.picture?.isCopied == true {
            return ReplanRequest(finding: .pictureNotCopyable("it is damaged, and parts of it cannot be decoded"))
        }
        if !isPicture, plan.sound?.isCopied == true {
            return ReplanRequest(finding: .soundNotCopyable("it is damaged, and parts of it cannot be decoded"))
        }
        return fail("\(isPicture ? "video" : "audio"): \(detail)")
    }
}
