internal import MediaWire

/// Reports the job's progress to the daemon: at once at a new phase, otherwise a few times per second of wall-clock
/// time, however fast the work is. Its counters only increase, over all passes of a job. One thread at a time.
final class ProgressReporter {
    private static let interval = Duration.milliseconds(200)

    private let tell: (MediaMessage) throws -> Void
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant
    private var progress = MediaProgress()
    /// Frames of earlier passes.
    private var earlierFrames = 0
    private var earlierPackets = 0

    init(tell: @escaping (MediaMessage) throws -> Void) {
        self.tell = tell
        last = clock.now
    }

    /// - Parameter total: microseconds of the source, if known.
    func enter(_ phase: MediaProgress.Phase, total: Int64? = nil) throws {
        progress.phase = phase
        if phase == .transcoding {
            progress.total = total.map { Int($0) }
            (earlierFrames, earlierPackets) = (progress.frames, progress.packets)
        }
        last = clock.now
        try tell(.progress(progress))
    }

    /// One packet, or an equal amount of work, was processed.
    func step() throws {
        progress.packets += 1
        try tellSometimes()
    }

    /// The counters of the threads of a pass.
    func step(_ tally: ProgressCounters) throws {
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
