/// The resource limits of one job, from the content of its file. Far above what any legitimate file needs:
/// they stop runaway jobs. The child applies its own limits, the daemon the timeout.
public struct JobLimits: Sendable, Equatable {
    /// Bytes of private memory.
    public let memory: Int
    /// Wall-clock seconds, from the request to the end.
    public let time: Duration
    /// Processor seconds, of all threads together.
    public let processorSeconds: Int
    /// Threads of the whole process.
    public let threads: Int

    /// Measured: 26 to 45 bytes per pixel of the source (HEVC; ProRes 4444 and HDR), plus about 150 MB; H.264
    /// and HEVC may keep 16 reference frames, of up to 6 bytes per pixel, and the slowest preset looks ahead 60 frames.
    private static let bytesPerSourcePixel = 100
    private static let bytesPerThreadsPixel = 12
    private static let bytesPerOutputPixel = 200
    private static let besides = 384 << 20
    /// A video may start small and grow: browsers record like that.
    private static let least = 1 << 30
    /// Measured: 8, 34 and 68 if each codec has 2, 8 and 16.
    private static func threads(_ threads: Int) -> Int { 32 + 8 * threads }

    /// - Parameters:
    ///   - pixels: of the largest frame.
    ///   - duration: seconds; nil if unknown: then the maximum allowed duration counts.
    public init(pixels: Int, duration: Double?, threads: Int, profile: Profile) {
        let limits = profile.limits
        let source = min(max(pixels, 0), limits.pixels)
        let output = min(2 * source, profile.video.maxSide * profile.video.maxSide)
        let need = Self.besides + source * (Self.bytesPerSourcePixel + Self.bytesPerThreadsPixel * threads)
            + output * Self.bytesPerOutputPixel
        memory = min(limits.memory, max(Self.least, need))
        // A header counts only up to the allowed maximum.
        let film = min(max(duration ?? limits.duration, 0), limits.duration)
        let seconds = min(limits.time, limits.timeFloor + film * limits.timeFactor)
        time = .seconds(seconds)
        processorSeconds = Int(seconds) * (threads + 1)
        self.threads = Self.threads(threads)
    }

    public init(_ info: MediaInfo, threads: Int, profile: Profile) {
        let pictures = info.streams.compactMap(\.picture).map { picture in
            // An overflow is above any limit.
            let (pixels, isOver) = picture.width.multipliedReportingOverflow(by: picture.height)
            return isOver ? .max : pixels
        }
        self.init(
            pixels: max(pictures.max() ?? 0, info.decodedPixels ?? 0),
            duration: info.duration.map { Double($0) / 1e6 }, threads: threads, profile: profile)
    }

    /// The limits before the file has been analysed.
    public init(unknown profile: Profile, threads: Int) {
        memory = profile.limits.memory
        let limits = profile.limits
        time = .seconds(min(limits.time, limits.timeFloor))
        let longest = min(limits.time, limits.timeFloor + limits.duration * limits.timeFactor)
        processorSeconds = Int(longest) * (threads + 1)
        self.threads = Self.threads(threads)
    }
}
