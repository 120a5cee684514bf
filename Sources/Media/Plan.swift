internal import MediaWire

/// What will be made of a file: decided once, before any work, and explained.
struct Plan {
    enum Container {
        case mp4
        /// Sound alone, for an audio element.
        case m4a

        var muxer: String { self == .mp4 ? "mp4" : "ipod" }
        var fileExtension: String { self == .mp4 ? "mp4" : "m4a" }
        var mime: String { self == .mp4 ? "video/mp4" : "audio/mp4" }
    }

    var container: Container
    var picture: PicturePlan?
    var sound: SoundPlan?
    /// Microseconds of the source's clock that become zero.
    var start: Int64
    var decisions: [PlanDecision]

    var report: PlanReport {
        var report = PlanReport()
        report.output = container.fileExtension
        report.decisions = decisions
        return report
    }
}

/// A picture stream to be encoded.
struct PicturePlan {
    var stream: Int
    /// Pixels of the output.
    var width: Int
    var height: Int
    /// What is done to each decoded picture, in libavfilter's words.
    var filters: [String]
    /// Pictures per second on average, for the distance of keyframes and the peak bitrate.
    var frameRate: Double
    /// Thin out to this many pictures per second; nil keeps every picture.
    var thinTo: Double?
    var posterWidth: Int
    var posterHeight: Int
}

/// A sound stream to be encoded.
struct SoundPlan {
    var stream: Int
    var sampleRate: Int
    var channels: Int
    /// Bits per second.
    var bitrate: Int
}
