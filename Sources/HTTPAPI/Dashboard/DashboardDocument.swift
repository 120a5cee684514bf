internal import FoundationEssentials
internal import MediaWire
internal import Observability
internal import Site

/// The dashboard's data as its page fetches it: internal to one version.
struct DashboardDocument: Encodable, Sendable {
    /// Results of occasional database queries.
    struct Lookups: Encodable, Sendable {
        var waiting: [Waiting]
        var finished: [Finished]
        var hours: Hours
    }

    struct Waiting: Encodable, Sendable {
        var fileID: Int64
        var name: String
        var isSound: Bool
        var size: Int64?
        var duration: Int64?
        /// Seconds since the upload.
        var waited: Double
    }

    struct Finished: Encodable, Sendable {
        var fileID: Int64
        var name: String
        var isSound: Bool
        var isDone: Bool
        var code: String?
        var reason: String?
        var cause: String?
        var pages: [FileDocument.Page]
        var at: Date
        var seconds: Double?
        var duration: Int64?
        var before: Int64?
        var after: Int64?
        var hasPoster: Bool
    }

    /// The last 24 hours, oldest first.
    struct Hours: Encodable, Sendable {
        var start: Date
        var spanSeconds: Int
        var done: [Int]
        var failed: [Int]
    }

    var now: Date
    /// Of the page's texts.
    var language: String
    /// Whether files can be retried and cancelled.
    var acts: Bool
    var site: String
    var workers: Int
    var status: Status
    /// The last result; nil if there is none yet.
    var lookups: Lookups?

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}

extension DashboardDocument.Waiting {
    init(_ waiting: QueuedFile) {
        let file = waiting.file
        self.init(
            fileID: file.id, name: PlainText.line(file.name), isSound: file.type == .audio, size: file.size, duration: file.duration,
            waited: waiting.waited)
    }
}

extension DashboardDocument.Finished {
    init(_ job: FinishedJob, pages: [FilePage]) {
        self.init(
            fileID: job.fileID, name: PlainText.line(job.name), isSound: job.type == .audio, isDone: job.isDone, code: job.code,
            reason: job.reason.map(PlainText.line), cause: job.detail.flatMap(FileDocument.cause),
            pages: pages.map { FileDocument.Page(kind: $0.kind.rawValue, address: $0.address) }, at: job.finishedAt, seconds: job.seconds, duration: job.duration,
            // The size of a failed file is that of the upload.
            before: job.isDone ? job.sourceSize : job.size, after: job.isDone ? job.size : nil, hasPoster: job.hasPoster)
    }
}

extension DashboardDocument.Hours {
    init(_ spans: [FinishedSpan], of length: Duration) {
        self.init(
            start: spans.first?.start ?? Date(), spanSeconds: Int(length / .seconds(1)), done: spans.map(\.done),
            failed: spans.map(\.failed))
    }
}
