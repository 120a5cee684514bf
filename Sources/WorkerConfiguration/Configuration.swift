public import FoundationEssentials
public import Jobs
public import MediaWire
public import Platform
public import SQL

/// What the administrator decides. Every value has a key in `ConfigurationKeys`, and every key changes what is done.
public struct Configuration: Sendable, Equatable {
    /// The site's folder; nil where none is named.
    public var site: String?
    /// Who we are to the database; nil: whom the site's `.env` names, with the password there.
    public var databaseUser: String?
    /// That user's: one of the two, or neither where the server asks for none.
    public var databasePasswordFile: String?
    public var databasePassword: SQLPassword?
    /// Files that were uploaded before are left alone.
    public var since: Date?
    /// Jobs at a time; nil: as many as there are processors.
    public var workers: Int?
    /// Threads of one job; nil: what the processors allow the jobs that there are.
    public var threads: Int?
    /// How often the database is asked where nothing has woken us.
    public var poll: Duration = .seconds(5)
    /// How long a claim holds without progress.
    public var lease: Duration = .seconds(180)
    /// How long a child may stand still.
    public var stall: Duration = .seconds(120)
    /// How long running jobs may go on after the signal to stop.
    public var grace: Duration = .seconds(60)
    /// Where files in the making live; nil: beside their source.
    public var scratch: String?
    /// Bytes of the disk that stay free.
    public var reserve = 1 << 30
    public var priority = Schedule.Priority.messages
    public var originals = Originals.keep
    /// How long after its job an original is kept; nil: for good.
    public var deleteOriginalsAfter: Duration?
    public var reuse = Reuse.link
    /// The program and its arguments that drop a file's cached details; nil: we do so ourselves.
    public var cacheCommand: [String]?
    public var statusFile = "/run/transcoder/status.json"
    /// A Unix socket for notifications; nil: none.
    public var socket: String?
    /// Where notifications are taken over HTTP; nil: nowhere.
    public var httpListen: LoopbackAddress?
    /// What must be shown there: one of the two is needed.
    public var httpTokenFile: String?
    public var httpToken: BearerToken?
    /// Whether metrics, and whether we are alive and ready, are told there.
    public var httpMetrics = false
    /// Whether a page for people is served there.
    public var httpDashboard = false
    /// Where the metrics are written for node_exporter; nil: nowhere.
    public var metricsFile: String?
    /// `transcoder-media`; nil: beside our own program, then in libexec.
    public var mediaProgram: String?
    public var sandbox = SandboxMode.required
    public var logLevel = LogLevel.info
    public var log = LogFormat.auto
    public var retry = RetryPolicy()
    /// Names of profiles; the site's own `video_transcode` and `audio_transcode` come before them.
    public var videoProfile = "web"
    public var audioProfile = "web"
    /// Of every profile that does not say otherwise.
    public var limits = MediaLimits()
    /// `web` is always there.
    public var profiles: [String: Profile] = ["web": Profile()]

    public init() {}

    /// Jobs at a time on this machine.
    package var concurrency: Int { workers ?? Processors.count }

    /// What becomes of an upload that something else is played in the place of.
    public enum Originals: String, Sendable, CaseIterable {
        case keep, scrub
    }

    /// What becomes of the result of a source that was done before.
    public enum Reuse: String, Sendable, CaseIterable {
        case link, copy, off
    }

    /// What a line of the log looks like.
    public enum LogFormat: String, Sendable, CaseIterable {
        case auto, text, json
    }

    public enum LogLevel: String, Sendable, CaseIterable {
        case debug, info, notice, warning, error
    }
}

/// A configuration that cannot be used: a sentence that names the key, and where it was read.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension TransientError {
    /// What a failed call is to whoever wanted to start: this, or a mistake that somebody has to mend.
    package static func sorted(_ sentence: String, _ code: CInt) -> any Error {
        mayPass(code) ? TransientError(sentence) : ConfigurationError(sentence)
    }
}
