internal import MediaWire
internal import Verdicts

/// How a file will be converted: decided in advance, with reasons.
struct Plan {
    var container: OutputContainer
    var picture: VideoPlan?
    var sound: AudioPlan?
    /// No output is written: the file needs no conversion.
    var keepsSource = false
    /// Every player plays the file unchanged: a larger result is not worth it.
    var sourcePlaysEverywhere = false
    var sourceIsMP3 = false
    /// The estimated maximum size of the output, in bytes.
    var outputSize = 0
    /// The poster of a file without video: its cover, else its waveform.
    var stillPoster: StillPoster?
    /// Microseconds of the source's clock that become zero.
    var start: Int64
    /// Streams that continue others.
    var joins = TrackJoins()
    /// What will be missing.
    var remarks: [Remark] = []
    var decisions: [PlanDecision]

    enum StillPoster: Equatable {
        case cover(stream: Int)
        case waveform
    }

    /// The streams whose packets are needed.
    var streams: Set<Int> { Set([picture?.stream].compactMap(\.self) + (sound?.tracks.streams ?? [])) }

    /// The file's type, if it stays unchanged.
    var keptName: (fileExtension: String, mime: String) {
        container == .m4a && sourceIsMP3 ? ("mp3", "audio/mpeg") : (container.fileExtension, container.mime)
    }

    var report: PlanReport {
        var report = PlanReport()
        report.output = keepsSource ? nil : container.fileExtension
        report.outputSize = keepsSource ? nil : outputSize
        report.decisions = decisions
        report.remarks = remarks
        return report
    }
}
