public import FoundationEssentials
package import MediaWire
package import WorkerConfiguration

/// What a daemon is doing: the status file of docs/status.schema.json. Unknown fields are left out.
public struct Status: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable, CaseIterable {
        case starting, running, draining, stopped
        // Only in a report: what a daemon that ended without a word, or that stands still, cannot write itself.
        case died, silent

        /// Whether it works, or is about to.
        public var isLiving: Bool {
            switch self {
            case .starting, .running, .draining: true
            case .stopped, .died, .silent: false
            }
        }
    }

    public struct Database: Codable, Sendable, Equatable {
        public var kind: String
        public var reachable: Bool
        /// Database incidents since the daemon started, and unreadable rows: sentences.
        public var notices: [String]?
    }

    /// The sandbox of the media processes.
    public struct Sandbox: Codable, Sendable, Equatable {
        /// `required` or `best-effort`.
        public var mode: String
        public var layers: [String]

        package init(mode: SandboxMode, _ report: SandboxReport) {
            self.mode = mode.rawValue
            layers = report.layers
        }
    }

    public struct Counts: Codable, Sendable, Equatable {
        /// In the database: files that could start now, files running on any worker, files waiting for a retry.
        public var waiting = 0
        public var running = 0
        public var retrying = 0
        /// Of this daemon since it started.
        public var done = 0
        public var failed = 0
    }

    public struct Job: Codable, Sendable, Equatable {
        public var fileID: Int64
        public var fid: String
        public var name: String
        public var phase: JobPhase
        /// 0 … 100.
        public var percent: Double?
        /// Seconds of media transcoded per second.
        public var speed: Double?
        public var secondsLeft: Double?
        /// 1 for the first attempt.
        public var attempt: Int
        public var startedAt: Date

        enum CodingKeys: String, CodingKey {
            case fileID = "file_id"
            case fid, name, phase, percent, speed
            case secondsLeft = "seconds_left"
            case attempt
            case startedAt = "started_at"
        }
    }

    /// A file that failed for good.
    public struct Failure: Codable, Sendable, Equatable {
        public var fileID: Int64
        public var fid: String
        public var code: String
        public var reason: String
        /// For the administrator: the failed call with its path, FFmpeg's last lines.
        public var cause: String?
        /// Always false: files that will be retried are in `retrying`.
        public var willRetry = false
        public var at: Date

        package init(fileID: Int64, fid: String, code: String, reason: String, cause: String?, at: Date) {
            self.fileID = fileID
            self.fid = fid
            self.code = code
            self.reason = reason
            self.cause = Status.cause(cause)
            self.at = at
        }

        enum CodingKeys: String, CodingKey {
            case fileID = "file_id"
            case fid, code, reason, cause
            case willRetry = "will_retry"
            case at
        }
    }

    /// A failed file that waits for its next attempt.
    public struct Retry: Codable, Sendable, Equatable {
        public var fileID: Int64
        public var fid: String
        public var name: String
        /// Attempts so far.
        public var attempts: Int
        /// Of the last attempt.
        public var code: String
        public var reason: String
        /// As in `Failure`.
        public var cause: String?
        public var nextAt: Date

        package init(
            fileID: Int64, fid: String, name: String, attempts: Int, code: String, reason: String, cause: String? = nil, nextAt: Date
        ) {
            self.fileID = fileID
            self.fid = fid
            self.name = name
            self.attempts = attempts
            self.code = code
            self.reason = reason
            self.cause = Status.cause(cause)
            self.nextAt = nextAt
        }

        enum CodingKeys: String, CodingKey {
            case fileID = "file_id"
            case fid, name, attempts, code, reason, cause
            case nextAt = "next_at"
        }
    }

    /// Waiting files that are not on this host's disk: they are skipped.
    public struct ForeignDisk: Codable, Sendable, Equatable {
        /// `video` or `audio`.
        public var type: String
        /// The setting that says where they are, and its value; left out if not set.
        public var setting: String
        public var disk: String?
        public var waiting: Int
        /// The same as a sentence.
        public var sentence: String

        package init(type: String, setting: String, disk: String? = nil, waiting: Int, sentence: String) {
            self.type = type
            self.setting = setting
            self.disk = disk
            self.waiting = waiting
            self.sentence = sentence
        }
    }

    /// A storage folder that is missing or empty, and that uploads wait for.
    public struct Away: Codable, Sendable, Equatable {
        public var folder: String
        /// Left out until counted.
        public var waiting: Int?
        public var since: Date
        /// The same as a sentence, with what to do.
        public var sentence: String

        package init(folder: String, waiting: Int?, since: Date, sentence: String) {
            self.folder = folder
            self.waiting = waiting
            self.since = since
            self.sentence = sentence
        }
    }

    public struct Disk: Codable, Sendable, Equatable {
        /// Free bytes on the disk for temporary files.
        public var free: Int64
        /// Bytes that the running jobs may still write, according to their plans.
        public var required: Int64

        package init(free: Int64, required: Int64) {
            self.free = free
            self.required = required
        }
    }

    public struct Totals: Codable, Sendable, Equatable {
        public var mediaSeconds = 0.0
        public var bytesIn: Int64 = 0
        public var bytesOut: Int64 = 0
        public var processorSeconds = 0.0

        enum CodingKeys: String, CodingKey {
            case mediaSeconds = "media_seconds"
            case bytesIn = "bytes_in"
            case bytesOut = "bytes_out"
            case processorSeconds = "processor_seconds"
        }
    }

    /// Of the program.
    public var version: String
    public var pid: Int32
    public var host: String
    public var startedAt: Date
    public var updatedAt: Date
    public var state: State
    public var database: Database
    public var sandbox: Sandbox?
    public var counts = Counts()
    public var running: [Job] = []
    /// In the database, the latest first, at most ten: each file that failed for good once, and none that was retried since.
    public var lastFailures: [Failure] = []
    /// In the database, the next first, at most ten.
    public var retrying: [Retry]?
    public var disk: Disk?
    /// Why files wait although workers are free: a sentence.
    public var waitingFor: String?
    /// When the longest-waiting file was uploaded.
    public var waitingSince: Date?
    /// In the database; left out if there are none.
    public var elsewhere: [ForeignDisk]?
    /// Seen by this daemon; left out if there are none.
    public var away: [Away]?
    /// Those that this daemon has used; left out if there are none.
    public var buckets: [Bucket]?
    public var cache: Cache?
    public var totals = Totals()

    enum CodingKeys: String, CodingKey {
        case version, pid, host
        case startedAt = "started_at"
        case updatedAt = "updated_at"
        case state, database, sandbox, counts, running
        case lastFailures = "last_failures"
        case retrying, disk
        case waitingFor = "waiting_for"
        case waitingSince = "waiting_since"
        case elsewhere, away, buckets, cache, totals
    }

    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self) + Data("\n".utf8)
    }

    public init(json: Data) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        self = try decoder.decode(Status.self, from: json)
    }

    /// The status is not the place for a whole log.
    private static func cause(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return text.count > longestCause ? "\(text.prefix(longestCause - 1))…" : text
    }

    private static let longestCause = 1000

    init(version: String, pid: Int32, host: String, at now: Date, database: Database, sandbox: Sandbox? = nil) {
        self.version = version
        self.pid = pid
        self.host = host
        startedAt = now
        updatedAt = now
        state = .starting
        self.database = database
        self.sandbox = sandbox
    }
}

/// The phase of a job.
public enum JobPhase: String, Codable, Sendable, CaseIterable {
    case starting, probing, transcoding, finishing, verifying, publishing
}
