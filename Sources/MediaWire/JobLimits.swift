/// What one job may take of the machine, from what the film holds. Far above what any honest file was seen to need:
/// it stops what gets out of hand. The child sets its own limits by it, and the daemon its clock.
public struct JobLimits: Sendable, Equatable {
    /// Bytes of private memory.
    public let memory: Int
    /// By the clock on the wall, from the request to the end.
    public let time: Duration
    /// Seconds, of all threads together.
    public let processorSeconds: Int
    /// Of the whole process at one time.
    public let threads: Int

    /// Measured: 26 to 45 bytes for each pixel of the source (HEVC; ProRes 4444 and HDR), and some 150 MB beside; H.264
    /// and HEVC may keep 16 pictures for reference, of up to 6 bytes a pixel, and the slowest preset looks at 60 ahead.
    private static let bytesPerSourcePixel = 100
    private static let bytesPerThreadsPixel = 12
    private static let bytesPerOutputPixel = 200
    private static let besides = 384 << 20
    /// A film may begin small and grow: browsers record like that.
    private static let least = 1 << 30
    /// Measured: 8, 34 and 68 where each codec has 2, 8 and 16.
    private static func threads(_ threads: Int) -> Int { 32 + 8 * threads }

    /// - Parameters:
    ///   - pixels: of the largest picture.
    ///   - duration: seconds; nil where the file does not say: then the longest that is allowed counts.
    public init(pixels: Int, duration: Double?, threads: Int, profile: Profile) {
        let limits = profile.limits
        let source = min(max(pixels, 0), limits.pixels)
        let output = min(2 * source, profile.video.maxSide * profile.video.maxSide)
        let need = Self.besides + source * (Self.bytesPerSourcePixel + Self.bytesPerThreadsPixel * threads)
            + output * Self.bytesPerOutputPixel
        memory = min(limits.memory, max(Self.least, need))
        // A promise is believed as far as it is allowed.
        let film = min(max(duration ?? limits.duration, 0), limits.duration)
        let seconds = min(limits.time, limits.timeFloor + film * limits.timeFactor)
        time = .seconds(seconds)
        processorSeconds = Int(seconds) * (threads + 1)
        self.threads = Self.threads(threads)
    }

    public init(_ info: MediaInfo, threads: Int, profile: Profile) {
        let pictures = info.streams.compactMap(\.picture).map { picture in
            // What no number holds is more than any limit.
            let (pixels, isOver) = picture.width.multipliedReportingOverflow(by: picture.height)
            return isOver ? .max : pixels
        }
        self.init(
            pixels: max(pictures.max() ?? 0, info.decodedPixels ?? 0),
            duration: info.duration.map { Double($0) / 1e6 }, threads: threads, profile: profile)
    }

    /// While nothing is known of the file yet.
    public init(unknown profile: Profile, threads: Int) {
        memory = profile.limits.memory
        let limits = profile.limits
        time = .seconds(min(limits.time, limits.timeFloor))
        let longest = min(limits.time, limits.timeFloor + limits.duration * limits.timeFactor)
        processorSeconds = Int(longest) * (threads + 1)
        self.threads = Self.threads(threads)
    }
}
