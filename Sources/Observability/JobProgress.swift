public import MediaWire

/// The progress of one job, for displays. Feed it the child's reports.
public struct JobProgress: Sendable {
    private var meter = ProgressMeter()
    private let clock = ContinuousClock()
    let start: ContinuousClock.Instant

    public init() {
        start = clock.now
    }

    /// Since the start of the job.
    var seconds: Double { (clock.now - start) / .seconds(1) }

    public mutating func update(_ progress: MediaProgress) { meter.update(progress, at: seconds) }
    public mutating func enter(_ phase: JobPhase) { meter.enter(phase) }

    public var phase: JobPhase { meter.phase }
    public var percent: Double? { meter.percent }
    public var speed: Double? { meter.speed }
    public var secondsLeft: Double? { meter.secondsLeft(at: seconds) }
}
