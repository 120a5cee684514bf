internal import FoundationEssentials
internal import Jobs
internal import MediaWire
internal import Observability
internal import Site

/// Everything about one file, as its page fetches it: internal to one version.
struct FileDocument: Encodable, Sendable {
    var now = Date()
    var language: String
    var acts: Bool
    var fileID: Int64
    var fid: String
    var name: String
    var isSound: Bool
    var state: String
    var attempts = 0
    var losses = 0
    var code: String?
    var reason: String?
    var cause: String?
    /// Why it is not in the queue, although its row waits.
    var refusal: String?
    var claimedAt: Date?
    var finishedAt: Date?
    var nextAt: Date?
    /// The process that has it: `1234 (media-1)`.
    var holder: String?
    var mime: String?
    var size: Int64?
    var width: Int64?
    var height: Int64?
    var duration: Int64?
    var path: String
    var originalPath: String?
    var posterPath: String?
    var hasPoster: Bool
    /// What the site's own players get; nil if there is none, or it is only lent for a time.
    var address: String?
    var pages: [Page]
    /// While it runs in this process.
    var running: Status.Job?

    struct Page: Encodable, Sendable {
        var kind: String
        var address: String
    }

    func json() throws -> [UInt8] { try Self.encoder.encode(self) + [UInt8(ascii: "\n")] }

    static func encoded(_ value: some Encodable) -> [UInt8] { ((try? encoder.encode(value)).map(Array.init) ?? Array("{}".utf8)) + [UInt8(ascii: "\n")] }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

extension FileDocument {
    init(_ file: MediaFile, _ job: JobRow?, language: String, acts: Bool, hasPoster: Bool, address: String?, pages: [FilePage], running: Status.Job?) {
        func line(_ text: String?) -> String? { text.map(PlainText.line) }
        self.init(
            language: language, acts: acts, fileID: file.id, fid: PlainText.line(file.fid), name: PlainText.line(file.name),
            isSound: file.type == .audio, state: job?.isCancelled == true ? "cancelled" : "\(file.state)", reason: line(file.reason),
            mime: line(file.mime), size: file.size, width: file.width, height: file.height, duration: file.duration,
            path: PlainText.line(file.path), originalPath: line(file.originalPath), posterPath: line(file.posterPath), hasPoster: hasPoster,
            address: address, pages: pages.map { Page(kind: $0.kind.rawValue, address: $0.address) }, running: running)
        guard let job else { return }
        (attempts, losses, code) = (job.attempts, job.losses, line(job.code))
        reason = line(file.reason ?? job.reason)
        cause = job.detail.flatMap(Self.cause)
        (claimedAt, finishedAt, nextAt) = (job.claimedAt, job.finishedAt, job.nextAt)
        if job.state.isHeld { holder = job.owner.map { PlainText.line("\($0.pid) (\($0.host))") } }
    }

    /// The end of what the attempt left, which says most.
    static func cause(_ detail: String) -> String? {
        let text = PlainText.lines(PlainText.tail(detail, bytes: 2000)).split(separator: "\n").joined(separator: "\n")
        return text.isEmpty ? nil : text
    }
}
