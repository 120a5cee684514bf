public import FoundationEssentials
package import MediaWire
package import WorkerConfiguration

/// What a daemon is doing: the status file, as docs/status.schema.json describes it. A field that is not known is left out.
public struct Status: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable, CaseIterable {
        case starting, running, draining, stopped
    }

    public struct Database: Codable, Sendable, Equatable {
        public var kind: String
        public var reachable: Bool
        /// What befell it since the daemon started, and rows of it that cannot be read: sentences.
        public var notices: [String]?
    }

    /// How the media children are locked in.
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
        /// In the database: files that could be taken now, files in work by anybody, files whose next try is to come.
        public var waiting = 0
        public var running = 0
        public var retrying = 0
        /// By this daemon since it started.
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
        /// Seconds of media that are done in a second.
        public var speed: Double?
        public var secondsLeft: Double?
        /// 1 for the first try.
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

    public struct Failure: Codable, Sendable, Equatable {
        public var fileID: Int64
        public var fid: String
        public var code: String
        public var reason: String
        /// Whether it will be tried again.
        public var willRetry: Bool
        public var at: Date

        enum CodingKeys: String, CodingKey {
            case fileID = "file_id"
            case fid, code, reason
            case willRetry = "will_retry"
            case at
        }
    }

    /// A file that failed, and whose next try is to come.
    public struct Retry: Codable, Sendable, Equatable {
        public var fileID: Int64
        public var fid: String
        public var name: String
        /// Tries so far.
        public var attempts: Int
        /// Of the last one.
        public var code: String
        public var reason: String
        public var nextAt: Date

        package init(fileID: Int64, fid: String, name: String, attempts: Int, code: String, reason: String, nextAt: Date) {
            self.fileID = fileID
            self.fid = fid
            self.name = name
            self.attempts = attempts
            self.code = code
            self.reason = reason
            self.nextAt = nextAt
        }

        enum CodingKeys: String, CodingKey {
            case fileID = "file_id"
            case fid, name, attempts, code, reason
            case nextAt = "next_at"
        }
    }

    /// Files that wait, on a disk that is not this host's: they are left alone.
    public struct ForeignDisk: Codable, Sendable, Equatable {
        /// `video` or `audio`.
        public var type: String
        /// What says where they are, and what it says; left out where nothing is set.
        public var setting: String
        public var disk: String?
        public var waiting: Int
        /// A sentence that says all of it.
        public var sentence: String

        package init(type: String, setting: String, disk: String? = nil, waiting: Int, sentence: String) {
            self.type = type
            self.setting = setting
            self.disk = disk
            self.waiting = waiting
            self.sentence = sentence
        }
    }

    /// A folder of the storage that is not there, or empty, and that uploads wait for.
    public struct Away: Codable, Sendable, Equatable {
        public var folder: String
        /// Left out until they are counted.
        public var waiting: Int?
        public var since: Date
        /// A sentence that says all of it, and what ends it.
        public var sentence: String

        package init(folder: String, waiting: Int?, since: Date, sentence: String) {
            self.folder = folder
            self.waiting = waiting
            self.since = since
            self.sentence = sentence
        }
    }

    public struct Disk: Codable, Sendable, Equatable {
        /// Bytes that may still be written where work is done.
        public var free: Int64
        /// Bytes that the running jobs may still write, as they are planned.
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
    /// The latest first, at most ten.
    public var lastFailures: [Failure] = []
    /// In the database, the next first, at most ten.
    public var retrying: [Retry]?
    public var disk: Disk?
    /// Why files wait though hands are free: a sentence.
    public var waitingFor: String?
    /// When the file was uploaded that waits longest.
    public var waitingSince: Date?
    /// In the database; left out where there are none.
    public var elsewhere: [ForeignDisk]?
    /// As this daemon has seen it; left out where there are none.
    public var away: [Away]?
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
        case elsewhere, away, totals
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

/// Where a job is on its way.
public enum JobPhase: String, Codable, Sendable, CaseIterable {
    case starting, probing, transcoding, finishing, verifying, publishing
}
