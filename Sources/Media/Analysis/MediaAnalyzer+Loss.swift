internal import CFFmpeg
internal import MediaWire
internal import Verdicts

/// What a viewer would miss: reported or refused.
extension MediaAnalyzer {
    /// A video without its picture is refused; without its audio, it gets a remark.
    mutating func settleParts(_ choice: StreamChoice) throws {
        let parts = choice.sound.compactMap { sounds[$0] }
        if let first = parts.first {
            let areAlike = parts.allSatisfy { $0.channels == 1 && $0.sampleRate == first.sampleRate }
            analysis.sound = parts.count > 1 && areAlike ? first.joined(parts.map(\.stream), layout: layout(of: parts)) : first
        }
        if let picture = choice.picture, analysis.picture == nil {
            throw tracks.first { $0.info.index == picture }?.verdict ?? nothingToShow(.any)
        }
        guard analysis.picture != nil || analysis.sound != nil else { throw nothingDecodes(choice.chosen) }
        if let lost = choice.lostSound {
            analysis.remarks.append(lost.remark(.sound))
        } else if parts.count < choice.sound.count, let lost = tracks.first(where: { choice.sound.contains($0.info.index) && $0.fault != nil }) {
            analysis.remarks.append(lost.remark(.sound))
        }
    }

    /// FFmpeg's name of the layout of several mono tracks; nil for left and right.
    private func layout(of parts: [AudioFacts]) -> String? {
        guard parts.count > 2 else { return nil }
        return parts.compactMap { part in tracks.first { $0.info.index == part.stream }.flatMap(MonoTracks.place) }.joined(separator: "+")
    }

    /// Tracks that start midway, and contain something that would be missed.
    mutating func tellOfLateTracks(_ subject: MediaSubject) {
        guard let scan, demuxer.mayGainStreams else { return }
        if let seam = analysis.used.compactMap({ seams[$0] }).min() { analysis.remarks.append(.joined(time: Int(seam - analysis.start))) }
        for (part, kind, used) in [(Remark.Part.picture, StreamInfo.Kind.video, analysis.picture?.stream), (.sound, .audio, analysis.sound?.stream)] {
            guard part == .sound || subject != .audio, !analysis.remarks.contains(where: { $0.isLoss(of: part) }) else { continue }
            let late = scan.tracks.filter { $0.value.kind == kind && $0.key != used && isMissed($0.key, used: used, scan) }
            guard let (index, track) = late.min(by: { ($0.value.first, $0.key) < ($1.value.first, $1.key) }) else { continue }
            let time = used.flatMap { scan.tracks[$0]?.end } ?? track.start ?? analysis.start
            let codec = track.codec == AV_CODEC_ID_NONE ? "unknown" : String(cString: avcodec_get_name(track.codec))
            analysis.remarks.append(.leftOutFrom(part, codec: codec, time: Int(time - analysis.start)))
            if index >= analysis.info.streams.count {
                analysis.leftOut.append(PlanDecision(stream: index, action: "leave out", reason: "it begins midway (\(codec))"))
            }
        }
    }

    /// A track that starts where the used one ends; and if none is used, one that did not exist at opening.
    private func isMissed(_ index: Int, used: Int?, _ scan: PacketScan) -> Bool {
        if let used { return scan.complement(index, used) }
        return index >= demuxer.streamCount
    }

    func nothingToShow(_ subject: MediaSubject) -> Verdict {
        Verdict(subject == .audio ? .noAudio : .noAudioOrVideo, detail: FFmpegLog.lastLines())
    }

    private func nothingDecodes(_ chosen: Set<Int>) -> Verdict {
        let codecs = chosen.sorted().map { analysis.info.streams[$0].codec }.joined(separator: ", ")
        return Verdict(.undecodableTracks(codecs: codecs), detail: FFmpegLog.lastLines())
    }
}

extension Remark {
    func isLoss(of part: Part) -> Bool {
        switch self {
        case .unsupported(let lost, _), .undecodable(let lost, _): lost == part
        case .cutShort, .replaced, .leftOutFrom, .joined, .earlier: false
        }
    }
}
