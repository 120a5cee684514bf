internal import MediaWire

/// What a file really holds: its headers, and the first picture and the first sound that decode, for headers lie.
struct MediaAnalysis {
    var info: MediaInfo
    var picture: VideoFacts?
    var sound: AudioFacts?
    /// Microseconds of the source's clock at which the earlier of both begins: zero of the output.
    var start: Int64 = 0
    /// Streams that are not used, and why.
    var leftOut: [PlanDecision] = []
    /// Streams that go on in others, and what is to be said of it.
    var joins = TrackJoins()
    var joined: [PlanDecision] = []
    /// What will be missing.
    var remarks: [Remark] = []
    /// Nil where the file is no MP4.
    var boxes: MovieBoxes?
    /// An edit list puts several parts of it together: few players follow.
    var isEdited = false
    /// Nil where the file is no MP3.
    var frames: MPEGAudioScan?

    /// The streams of which packets are wanted.
    var used: Set<Int> { Set([picture?.stream].compactMap(\.self) + (sound?.tracks.streams ?? [])) }

    /// Whether the file says more than what is seen and heard.
    var tellsMore: Bool {
        let harmless: Set<String> = [
            "major_brand", "minor_version", "compatible_brands", "encoder", "creation_time", "duration", "handler_name",
        ]
        return info.chapters > 0 || boxes?.extras.isEmpty == false
            || info.metadataKeys.contains { !harmless.contains($0.lowercased()) }
    }
}
