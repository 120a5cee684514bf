internal import MediaWire

/// Tells the daemon how far the job is: at once where a new phase begins, else a few times a second by the clock on the
/// wall, however fast the work goes. Its counters only grow, over every pass that a job takes. One thread at a time.
final class ProgressReporter {
    private static let interval = Duration.milliseconds(200)

    private let tell: (MediaMessage) throws -> Void
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant
    private var progress = MediaProgress()
    /// Frames of the passes before this one.
    private var earlierFrames = 0
    private var earlierPackets = 0

    init(tell: @escaping (MediaMessage) throws -> Void) {
        self.tell = tell
        last = clock.now
    }

    /// - Parameter total: microseconds of the source, as far as it is known.
    func enter(_ phase: MediaProgress.Phase, total: Int64? = nil) throws {
        progress.phase = phase
        if phase == .transcoding {
            progress.total = total.map { Int($0) }
            (earlierFrames, earlierPackets) = (progress.frames, progress.packets)
        }
        last = clock.now
        try tell(.progress(progress))
    }

    /// One packet, or as much as a packet, was worked on.
    func step() throws {
        progress.packets += 1
        try tellSometimes()
    }

    /// What the threads of a pass have counted.
    func step(_ tally: WorkCounters) throws {
        progress.done = Int(tally.done)
        progress.frames = earlierFrames + tally.frames
        progress.packets = earlierPackets + tally.packets
        try tellSometimes()
    }

    private func tellSometimes() throws {
        guard clock.now - last >= Self.interval else { return }
        last = clock.now
        try tell(.progress(progress))
    }

    /// - Parameter done: microseconds of the source.
    func step(done: Int64) throws {
        progress.done = Int(done)
        try step()
    }
}
