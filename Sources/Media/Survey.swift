internal import MediaWire

/// What a file really holds: its headers, and the first picture and the first sound that decode, for headers lie.
struct Survey {
    var info: MediaInfo
    var picture: PictureFacts?
    var sound: SoundFacts?
    /// Microseconds of the source's clock at which the earlier of both begins: zero of the output.
    var start: Int64 = 0
    /// Streams that are not used, and why.
    var leftOut: [PlanDecision] = []
    /// Nil where the file is no MP4.
    var boxes: MovieBoxes?
    /// An edit list puts several parts of it together: few players follow.
    var isEdited = false

    /// Whether the file says more than what is seen and heard.
    var tellsMore: Bool {
        let harmless: Set<String> = [
            "major_brand", "minor_version", "compatible_brands", "encoder", "creation_time", "duration", "handler_name",
        ]
        return info.chapters > 0 || boxes?.extras.isEmpty == false
            || info.metadataKeys.contains { !harmless.contains($0.lowercased()) }
    }
}
