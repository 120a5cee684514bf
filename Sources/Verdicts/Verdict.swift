/// Why an attempt failed: what happened, in words for the uploader and as a stable code, and details for the log.
public struct Verdict: Sendable, Equatable, Error {
    public var failure: Failure
    /// For the log and the job's row: the failed call, FFmpeg's last lines.
    public var detail: String

    public init(_ failure: Failure, detail: String = "") {
        self.failure = failure
        self.detail = detail
    }

    public var code: Code { failure.code }
    public var isTransient: Bool { code.isTransient }

    /// One sentence for people, at most `SentenceLimit.characters` long.
    public func sentence(in language: Language) -> String { SentenceLimit.cut(failure.sentence(in: language)) }

    /// The sentence as the log and the commands show it.
    public var reason: String { sentence(in: .english) }
}
