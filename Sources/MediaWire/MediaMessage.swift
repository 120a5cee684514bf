/// What a child tells: first that it is ready, then any number of the next kinds, then one of `finished` and `failed`, then the end of the
/// connection. Anything else is a broken child.
public enum MediaMessage: WireCodable, Equatable {
    /// Started, loaded and locked in; it waits for its request.
    case ready(SandboxReport)
    /// What it has to work with: the answer to a greeting.
    case equipped(CapabilitiesReport)
    case probed(MediaInfo)
    case planned(PlanReport)
    case progress(MediaProgress)
    /// A probe and a plan finish with no outcome.
    case finished(MediaOutcome?)
    case failed(MediaFailure)

    public init() { self = .finished(nil) }

    private enum Tag: UInt8 {
        case probed = 1
        case planned, progress, finished, failed, ready, equipped
    }

    private var tag: Tag {
        switch self {
        case .ready: .ready
        case .equipped: .equipped
        case .probed: .probed
        case .planned: .planned
        case .progress: .progress
        case .finished: .finished
        case .failed: .failed
        }
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        var tag = self.tag
        try wire.code(&tag)
        switch tag {
        case .ready:
            var report = if case .ready(let report) = self { report } else { SandboxReport() }
            try wire.code(&report)
            self = .ready(report)
        case .equipped:
            var report = if case .equipped(let report) = self { report } else { CapabilitiesReport() }
            try wire.code(&report)
            self = .equipped(report)
        case .probed:
            var info = if case .probed(let info) = self { info } else { MediaInfo() }
            try wire.code(&info)
            self = .probed(info)
        case .planned:
            var report = if case .planned(let report) = self { report } else { PlanReport() }
            try wire.code(&report)
            self = .planned(report)
        case .progress:
            var progress = if case .progress(let progress) = self { progress } else { MediaProgress() }
            try wire.code(&progress)
            self = .progress(progress)
        case .finished:
            var outcome: MediaOutcome? = if case .finished(let outcome) = self { outcome } else { nil }
            try wire.code(&outcome)
            self = .finished(outcome)
        case .failed:
            var failure = if case .failed(let failure) = self { failure } else { MediaFailure() }
            try wire.code(&failure)
            self = .failed(failure)
        }
    }
}

/// How far a job is. Counters only grow; the lease is renewed when one of them has grown.
public struct MediaProgress: WireCodable, Equatable {
    public enum Phase: UInt8, Sendable, CaseIterable {
        case probing
        case transcoding
        /// The index moves to the front.
        case finishing
        case verifying
    }

    public var phase = Phase.probing
    /// Microseconds of the source that are done, and in all (nil: the header does not say).
    public var done = 0
    public var total: Int?
    public var packets = 0
    public var frames = 0

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&phase)
        try wire.code(&done)
        try wire.code(&total)
        try wire.code(&packets)
        try wire.code(&frames)
    }
}

/// What a transcode made. The daemon checks what it can against the files themselves.
public struct MediaOutcome: WireCodable, Equatable {
    /// False where the source is right as it is: nothing was written to the output.
    public var isRewritten = true
    public var fileExtension = "mp4"
    public var mime = "video/mp4"
    /// Pixels; nil without a picture.
    public var width: Int?
    public var height: Int?
    /// Microseconds.
    public var duration = 0
    /// Nil where no poster was made.
    public var posterWidth: Int?
    public var posterHeight: Int?
    /// What whoever uploaded should know of a result that is not the whole source, the weightiest first.
    public var remarks: [Remark] = []
    /// The same as a text of at most 255 characters; nil where there is nothing to say.
    public var remark: String? { RemarkSentences.text(remarks) }
    public var frames = 0

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&isRewritten)
        try wire.code(&fileExtension)
        try wire.code(&mime)
        try wire.code(&width)
        try wire.code(&height)
        try wire.code(&duration)
        try wire.code(&posterWidth)
        try wire.code(&posterHeight)
        try wire.code(&remarks)
        try wire.code(&frames)
    }
}
