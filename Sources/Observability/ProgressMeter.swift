internal import MediaWire

/// Progress, speed and remaining time of one job, from the child's reports. Pure: times are passed in.
struct ProgressMeter: Sendable {
    private(set) var phase = JobPhase.starting
    private var total: Double?
    private var done = 0.0
    /// Seconds since the start of the job at which decoding started, and last advanced.
    private var decodingSince: Double?
    private var lastStep = 0.0
    private var highestPercent = 0.0

    /// The steps after decoding are short: these shares of the whole are reserved for them.
    private static let shares: [JobPhase: Double] = [
        .starting: 0, .probing: 0, .transcoding: 0, .finishing: 0.95, .verifying: 0.97, .publishing: 0.99,
    ]

    mutating func update(_ progress: MediaProgress, at seconds: Double) {
        enter(JobPhase(progress.phase))
        if let total = progress.total, total > 0 { self.total = Double(total) / 1e6 }
        guard progress.phase == .transcoding else { return }
        if decodingSince == nil { decodingSince = seconds }
        let done = Double(progress.done) / 1e6
        if done > self.done {
            self.done = done
            lastStep = seconds
        }
        if let total { highestPercent = max(highestPercent, min(1, done / total) * 95) }
    }

    mutating func enter(_ phase: JobPhase) {
        self.phase = phase
        highestPercent = max(highestPercent, (Self.shares[phase] ?? 0) * 100)
    }

    /// 0 … 100, never decreasing; nil while the duration is unknown.
    var percent: Double? {
        guard total != nil || highestPercent > 0 else { return phase == .starting || phase == .probing ? 0 : nil }
        return (highestPercent * 10).rounded() / 10
    }

    /// Seconds of media per second.
    var speed: Double? {
        guard let decodingSince, lastStep > decodingSince, done > 0 else { return nil }
        return (done / (lastStep - decodingSince) * 100).rounded() / 100
    }

    /// Nil too for the steps after decoding, and where the work takes longer than it seemed: nobody waits for “0:00 left”.
    func secondsLeft(at seconds: Double) -> Double? {
        guard phase == .transcoding else { return nil }
        guard let total, let decodingSince, lastStep > decodingSince, done > 0 else { return nil }
        let rate = done / (lastStep - decodingSince)
        let whole = total / rate / 0.95
        let left = whole - (seconds - decodingSince)
        return left < 0.5 ? nil : (left * 10).rounded() / 10
    }
}

extension JobPhase {
    init(_ phase: MediaProgress.Phase) {
        self =
            switch phase {
            case .probing: .probing
            case .transcoding: .transcoding
            case .finishing: .finishing
            case .verifying: .verifying
            }
    }
}
