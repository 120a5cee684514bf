internal import MediaWire
internal import Verdicts

/// The actual content of a file: its headers, and the first video and audio frames that decode, because headers may be wrong.
struct MediaAnalysis {
    var info: MediaInfo
    var picture: VideoFacts?
    var sound: AudioFacts?
    /// The start of the earlier of both, in microseconds of the source's clock: zero of the output.
    var start: Int64 = 0
    /// Unused streams, with reasons.
    var leftOut: [PlanDecision] = []
    /// Streams that continue others, with their remarks.
    var joins = TrackJoins()
    var joined: [PlanDecision] = []
    /// What will be missing.
    var remarks: [Remark] = []
    /// Nil if the file is not an MP4.
    var boxes: MovieBoxes?
    /// An edit list assembles it from several parts: few players support that.
    var isEdited = false
    /// Nil if the file is not an MP3.
    var frames: MPEGAudioScan?

    /// The streams whose packets are needed.
    var used: Set<Int> { Set([picture?.stream].compactMap(\.self) + (sound?.tracks.streams ?? [])) }

    /// Whether the file contains more than the visible and audible content.
    var tellsMore: Bool {
        let harmless: Set<String> = [
            "major_brand", "minor_version", "compatible_brands", "encoder", "creation_time", "duration", "handler_name",
        ]
        return info.chapters > 0 || boxes?.extras.isEmpty == false
            || info.metadataKeys.contains { !harmless.contains($0.lowercased()) }
    }
}
