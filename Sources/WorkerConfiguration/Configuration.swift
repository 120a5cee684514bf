public import FoundationEssentials
public import Jobs
public import MediaWire
public import Platform
public import SQL
public import Verdicts

/// The administrator's settings. Every value has a key in `ConfigurationKeys`.
public struct Configuration: Sendable, Equatable {
    /// The site's folder; nil if not configured.
    public var site: String?
    /// The database user; nil: the user and password of the site's `.env`.
    public var databaseUser: String?
    /// That user's password: one of the two, or neither if the server needs none.
    public var databasePasswordFile: String?
    public var databasePassword: SQLPassword?
    /// Files uploaded before this moment are skipped.
    public var since: Date?
    /// Concurrent jobs; nil: one per processor.
    public var workers: Int?
    /// Threads per job; nil: the processors are shared among the running jobs.
    public var threads: Int?
    /// How often the database is polled without a wake-up.
    public var poll: Duration = .seconds(5)
    /// How long a claim is valid without progress.
    public var lease: Duration = .seconds(180)
    /// How long a child may make no progress.
    public var stall: Duration = .seconds(120)
    /// How long running jobs may continue after the stop signal.
    public var grace: Duration = .seconds(60)
    /// The folder for temporary files; nil: beside their source.
    public var scratch: String?
    /// Buckets of the site.
    public var storage = StorageSettings()
    /// Disk space to keep free, in bytes.
    public var reserve = 1 << 30
    public var priority = Schedule.Priority.messages
    public var originals = Originals.keep
    /// How long an original is kept after its job; nil: forever.
    public var deleteOriginalsAfter: Duration?
    public var reuse = Reuse.link
    /// The language of reasons in rows; nil: the site's default language.
    public var language: Language?
    /// The program, with arguments, that clears a file's cached details; nil: we do it ourselves.
    public var cacheCommand: [String]?
    public var statusFile = "/run/transcoder/status.json"
    /// A Unix socket for notifications; nil: none.
    public var socket: String?
    /// The HTTP address; nil: HTTP is off.
    public var httpListen: LoopbackAddress?
    /// The token for it: one of the two is needed.
    public var httpTokenFile: String?
    public var httpToken: BearerToken?
    /// Whether it serves metrics and health checks.
    public var httpMetrics = false
    /// Whether it serves the dashboard.
    public var httpDashboard = false
    /// Host names under which it serves the dashboard, beside the machine's own; nil: none.
    public var httpAllowedHosts: [HostName]?
    /// Where failures and recoveries are told; nil: nowhere.
    public var webhook: WebhookAddress?
    /// What signs the messages: one of the two.
    public var webhookSecretFile: String?
    public var webhookSecret: SigningSecret?
    /// The program, with arguments, that gets each message on its standard input; nil: none.
    public var notifyCommand: [String]?
    /// The metrics file for node_exporter; nil: none.
    public var metricsFile: String?
    /// `transcoder-media`; nil: beside our own program, then in libexec.
    public var mediaProgram: String?
    public var sandbox = SandboxMode.required
    public var logLevel = LogLevel.info
    public var log = LogFormat.auto
    public var retry = RetryPolicy()
    /// Names of profiles; the site's own `video_transcode` and `audio_transcode` take precedence.
    public var videoProfile = "web"
    public var audioProfile = "web"
    /// The limits of every profile that does not set its own.
    public var limits = MediaLimits()
    /// `web` always exists.
    public var profiles: [String: Profile] = ["web": Profile()]

    public init() {}

    /// Whether anybody is told of failures.
    package var notifies: Bool { webhook != nil || notifyCommand != nil }

    /// Concurrent jobs on this machine.
    package var concurrency: Int { workers ?? Processors.count }

    /// What happens to an upload once its conversion plays instead.
    public enum Originals: String, Sendable, CaseIterable {
        case keep, scrub
    }

    /// How the result of an identical source is reused.
    public enum Reuse: String, Sendable, CaseIterable {
        case link, copy, off
    }

    /// The format of log lines.
    public enum LogFormat: String, Sendable, CaseIterable {
        case auto, text, json
    }

    public enum LogLevel: String, Sendable, CaseIterable {
        case debug, info, notice, warning, error
    }
}

/// An unusable configuration: a sentence that names the key and its source.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension TransientError {
    /// Sorts a failed system call: a transient error, or a mistake in the configuration.
    package static func sorted(_ sentence: String, _ code: CInt) -> any Error {
        mayPass(code) ? TransientError(sentence) : ConfigurationError(sentence)
    }
}
