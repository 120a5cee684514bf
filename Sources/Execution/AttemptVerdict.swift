internal import Jobs
internal import MediaProcess
internal import MediaWire
internal import Objects
internal import Platform
internal import SQL
internal import Verdicts

extension Verdict {
    /// Maps the error that ended an attempt to its verdict. The only place that decides this.
    init(endedBy error: any Error) {
        let detail = "\(error)"
        switch error {
        case let verdict as Verdict: self = verdict
        case let error as ObjectError: self.init(error)
        case let error as SQLError where error.isTransient || error.isOfServer:
            self.init(.databaseUnreachable, detail: detail)
        case is SQLFailure: self.init(.databaseUnreachable, detail: detail)
        case is ChildError, is ChannelError:
            self.init(.programUnusable, detail: detail)
        case is ThreadError: self.init(.noThreads, detail: detail)
        default: self.init(.unexpected, detail: detail)
        }
    }

    /// Maps a failed disk operation to its verdict.
    private init(_ error: ObjectError) {
        let detail = "\(error)"
        switch error {
        case .missing: self.init(.missing, detail: detail)
        case .badPath: self.init(.outsideStorage, detail: detail)
        case .notRegular: self.init(.notRegular, detail: detail)
        case .noSpace: self.init(.diskFull, detail: detail)
        case .denied, .unavailable, .unreachable, .cancelled:
            self.init(.storageUnavailable, detail: detail)
        case .io where error.isOfMachine:
            self.init(.sourceInaccessible, detail: detail)
        case .exists, .noFolder, .io:
            self.init(.diskError, detail: detail)
        }
    }
}

extension SQLError {
    /// Whether the error concerns the database itself, not a statement.
    fileprivate var isOfServer: Bool { [.missing, .notDatabase, .readOnly, .denied].contains(code) }
}
