public import Verdicts

/// A child's messages: first that it is ready, then any number of the following kinds, then one of `finished` and `failed`, then the end of the
/// connection. Anything else is a protocol violation.
public enum MediaMessage: WireCodable, Equatable {
    /// Started, loaded and sandboxed; it waits for its request.
    case ready(SandboxReport)
    /// Its equipment: the reply to a handshake.
    case equipped(CapabilitiesReport)
    case probed(MediaInfo)
    case planned(PlanReport)
    case progress(MediaProgress)
    /// A probe and a plan finish without an outcome.
    case finished(MediaOutcome?)
    case failed(Verdict)

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
            var failure = if case .failed(let failure) = self { failure } else { Verdict() }
            try wire.code(&failure)
            self = .failed(failure)
        }
    }
}

/// The progress of a job. Counters only increase; the lease is renewed when one has increased.
public struct MediaProgress: WireCodable, Equatable {
    public enum Phase: UInt8, Sendable, CaseIterable {
        case probing
        case transcoding
        /// The index is moved to the front.
        case finishing
        case verifying
    }

    public var phase = Phase.probing
    /// Microseconds of the source done, and in total (nil: unknown).
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

/// The result of a transcode. The daemon checks it against the files as far as possible.
public struct MediaOutcome: WireCodable, Equatable {
    /// False if the source needs no conversion: the output is empty.
    public var isRewritten = true
    public var fileExtension = "mp4"
    public var mime = "video/mp4"
    /// Pixels; nil without video.
    public var width: Int?
    public var height: Int?
    /// Microseconds.
    public var duration = 0
    /// Nil without a poster.
    public var posterWidth: Int?
    public var posterHeight: Int?
    /// What the uploader should know if the result is not the whole source, the most important first.
    public var remarks: [Remark] = []
    /// The same as text of at most 255 characters; nil if there is none.
    public var remark: String? { remarks.text(in: .english) }
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
