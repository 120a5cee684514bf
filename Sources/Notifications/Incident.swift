internal import MediaWire
package import Verdicts

/// Something that people should know of: a file failed, or a host cannot work.
package struct Incident: Sendable, Equatable {
    /// What is told once an hour: a code of failure, or a fault of a host by its own name.
    package var cause: String
    /// As in the job's row, and in docs/troubleshooting.md.
    package var code: String
    /// In English, as in the log.
    package var sentence: String
    /// The failed call with its path and error.
    package var detail: String
    package var file: File?
    /// Only the host that saw it can tell when it is over.
    package var isOfHost: Bool

    package struct File: Sendable, Equatable {
        package var id: Int64
        package var fid: String

        package init(id: Int64, fid: String) {
            self.id = id
            self.fid = fid
        }
    }

    /// - Parameter willRetry: the failed file has another attempt.
    package init?(_ verdict: Verdict, file: File, willRetry: Bool) {
        guard let cause = Self.cause(of: verdict.failure, willRetry: willRetry) else { return nil }
        self.init(
            cause: cause, code: verdict.code.rawValue, sentence: verdict.reason,
            detail: PlainText.lines(PlainText.tail(verdict.detail, bytes: 2000)), file: file, isOfHost: false)
    }

    init(cause: String, code: String, sentence: String, detail: String = "", file: File? = nil, isOfHost: Bool) {
        self.cause = cause
        self.code = code
        self.sentence = sentence
        self.detail = detail
        self.file = file
        self.isOfHost = isOfHost
    }

    /// Files wait for disk space, and no job can start.
    package static func noRoom(_ sentence: String) -> Incident {
        Incident(cause: Verdict.Code.noRoom.rawValue, code: Verdict.Code.noRoom.rawValue, sentence: sentence, isOfHost: true)
    }

    /// Uploads wait for folders.
    package static func foldersMissing(_ sentences: [String]) -> Incident {
        Incident(
            cause: "folder-missing", code: Verdict.Code.hostFault.rawValue, sentence: sentences.first ?? "",
            detail: sentences.dropFirst().joined(separator: "\n"), isOfHost: true)
    }

    /// nil: nothing to tell. A file that will be retried is only told of if its machine is at fault: then others fail, too.
    private static func cause(of failure: Failure, willRetry: Bool) -> String? {
        switch failure {
        case .cancelled, .drained, .takenOver: nil
        // It cannot be queued while the database is away; the alerts of Prometheus tell.
        case .databaseUnreachable: nil
        case .storageUnavailable: "storage-unavailable"
        case .sourceInaccessible: "source-inaccessible"
        case .foldersMissing: "folder-missing"
        case .noThreads: "no-threads"
        case .ffmpegTooOld, .ffmpegLacks, .programUnusable: "program-unusable"
        case .programKilled: "program-killed"
        case .diskFull, .noRoom, .diskError, .machineOutOfMemory: failure.code.rawValue
        default: willRetry ? nil : failure.code.rawValue
        }
    }
}
