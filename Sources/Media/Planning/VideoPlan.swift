/// How a video stream will be converted.
struct VideoPlan {
    var stream: Int
    /// Of the source's first frame.
    var facts: VideoFacts
    /// The packets are copied; the filters then only serve the poster.
    var isCopied: Bool
    /// User data inside copied packets is removed.
    var removesNotes: Bool
    /// Wrong keyframe flags are removed.
    var repairsIndex = false
    /// Of the output, whatever happens to the frames midway.
    var size: FrameSize
    var width: Int { size.width }
    var height: Int { size.height }
    /// The background of transparent pixels, RRGGBB.
    var background: String
    /// The maximum rate at which each field of interlaced video becomes a frame; 0 combines fields.
    var maxFrameRate: Double
    /// The average frame rate, for the keyframe distance and the peak bitrate.
    var frameRate: Double
    /// Output frames per source frame: two if each field becomes one.
    var picturesPerFrame: Int
    /// Reduce to this many frames per second; nil keeps every frame.
    var thinTo: Double?
    /// From this output time on, frames are interlaced although not flagged.
    var fieldsSince: (time: Int64, topFieldFirst: Bool)?
    /// Interlacing is searched for midway: the size and rate are those of television.
    var watchesForFields: Bool
}

extension VideoConverter {
    convenience init(_ plan: VideoPlan, timeBase: TimeBase, threads: Int) {
        self.init(
            plan.facts, size: plan.size, background: plan.background, maxFrameRate: plan.maxFrameRate, timeBase: timeBase,
            threads: threads)
    }
}
