internal import Jobs
internal import MediaProcess
internal import MediaWire
internal import Objects
internal import Platform
internal import SQL

extension Verdict {
    /// Maps the error that ended an attempt to its verdict. The only place that decides this.
    init(endedBy error: any Error) {
        let detail = "\(error)"
        switch error {
        case let verdict as Verdict: self = verdict
        case let error as ObjectError: self.init(error)
        case let error as SQLError where error.isTransient || error.isOfServer:
            self.init(.databaseGone, "The database cannot be reached.", detail: detail)
        case is SQLFailure: self.init(.databaseGone, "The database cannot be reached.", detail: detail)
        case is ChildError, is ChannelError:
            self.init(.hostFault, "The worker cannot start its media program.", detail: detail)
        case is ThreadError: self.init(.hostFault, "The worker's machine has no free threads.", detail: detail)
        default: self.init(.internalError, "The worker failed on this file.", detail: detail)
        }
    }

    /// Maps a failed disk operation to its verdict.
    private init(_ error: ObjectError) {
        let detail = "\(error)"
        switch error {
        case .missing: self.init(.sourceMissing, "The uploaded file no longer exists.", detail: detail)
        case .badPath: self.init(.sourceNotRegular, "The file's path leads outside the site's storage.", detail: detail)
        case .notRegular(_, let kind):
            self.init(.sourceNotRegular, "The upload is \(kind), not a file.", detail: detail)
        case .noSpace: self.init(.diskFull, "The disk is full.", detail: detail)
        case .denied, .unavailable:
            self.init(.hostFault, "The site's storage is unavailable.", detail: detail)
        case .io where error.isOfMachine:
            self.init(.hostFault, "The worker's machine could not open or read the file.", detail: detail)
        case .exists, .noFolder, .io:
            self.init(.io, "The disk could not be read or written.", detail: detail)
        }
    }
}

extension SQLError {
    /// Whether the error concerns the database itself, not a statement.
    fileprivate var isOfServer: Bool { [.missing, .notDatabase, .readOnly, .denied].contains(code) }
}
