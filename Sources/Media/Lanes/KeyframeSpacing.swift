/// The encoder counts frames between keyframes; players count seconds. If a video has fewer frames per second
/// than its average, this requests a keyframe when the time is up.
struct KeyframeSpacing {
    /// Microseconds.
    private let interval: Int64
    private let pictures: Int
    private var last: Int64?
    private var count = 0

    /// - Parameters:
    ///   - interval: seconds.
    ///   - pictures: after this many, the encoder sets a keyframe itself.
    init(interval: Double, pictures: Int) {
        self.interval = Int64(interval * 1_000_000)
        self.pictures = pictures
    }

    /// Takes the time of the next frame, in microseconds: whether it must be a keyframe.
    mutating func isDue(at time: Int64) -> Bool {
        count += 1
        guard let last else {
            last = time
            return false  // The first one is, anyway.
        }
        if count > pictures {
            (self.last, count) = (time, 1)
        } else if time - last >= interval {
            (self.last, count) = (time, 1)
            return true
        }
        return false
    }
}
