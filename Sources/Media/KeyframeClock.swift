/// The encoder counts pictures from keyframe to keyframe; players count seconds. Where a film has fewer pictures a second
/// than its average, the encoder is asked for a keyframe when the time is over.
struct KeyframeClock {
    /// Microseconds.
    private let interval: Int64
    private let pictures: Int
    private var last: Int64?
    private var count = 0

    /// - Parameters:
    ///   - interval: seconds.
    ///   - pictures: after so many the encoder sets a keyframe by itself.
    init(interval: Double, pictures: Int) {
        self.interval = Int64(interval * 1_000_000)
        self.pictures = pictures
    }

    /// Takes the time of the next picture, in microseconds: whether it has to be a keyframe.
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
