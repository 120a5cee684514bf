internal import ArgumentParser
internal import Glibc
internal import HTTPClient
internal import Jobs
internal import MediaProcess
internal import Objects
internal import ObjectsS3
internal import Platform
internal import Site
internal import SourceCache
internal import SQL
internal import Verdicts
internal import WorkerConfiguration

/// How the program ends: a sentence on standard error, and the exit code that scripts rely on.
enum ExitStatus {
    static let failed = ExitCode(1)
    static let usage = ExitCode(2)
    /// As LSB has it for a program that is not running; of `status` alone.
    static let daemonDied = ExitCode(3)
    static let later = ExitCode(75)

    static func end(_ error: any Error) -> Never {
        if let code = error as? ExitCode { exit(code.rawValue) }
        let isParsers = Transcoder.exitCode(for: error) != .failure
        if isParsers {
            // Requested help is a result; a usage error goes to standard error.
            let isHelp = Transcoder.exitCode(for: error) == .success
            let message = Transcoder.fullMessage(for: error)
            if isHelp { StandardStreams.print(message) } else { StandardStreams.complain(message) }
            exit(isHelp ? 0 : usage.rawValue)
        }
        StandardStreams.complain(sentence(error))
        let code = code(error)
        exit((code == usage && MachineHeadroom.isGone ? later : code).rawValue)
    }

    static func sentence(_ error: any Error, in language: Language = .english) -> String {
        switch error {
        case let verdict as Verdict: verdict.sentence(in: language)
        default: "\(error)"
        }
    }

    static func code(_ error: any Error) -> ExitCode {
        switch error {
        case is UsageError, is ConfigurationError, is MediaProgramError, is SiteError: return usage
        case is TransientError: return later
        case let error as ChildError: return error.isTransient ? later : usage
        case let error as ObjectError:
            switch error {
            case .exists, .noFolder, .badPath, .denied, .notRegular: return usage
            // A disk may be mounted later.
            case .noSpace, .unavailable, .unreachable: return later
            case .io where error.isOfMachine: return later
            default: return failed
            }
        case let error as SQLError:
            if error.isTransient { return later }
            switch error.code {
            case .missing, .notDatabase, .readOnly, .denied: return usage
            default: return failed
            }
        case let verdict as Verdict:
            return [.diskFull, .noRoom, .databaseGone, .outOfMemory, .hostFault].contains(verdict.code) ? later : failed
        case is ThreadError: return later
        // Of `fetch`.
        case let fault as HTTPFault: return fault.isTransient ? later : failed
        case let error as S3Error: return error.isTransient ? later : failed
        case let error as FetchError:
            switch error {
            case .noSpace, .folder: return later
            case .badAddress: return usage
            default: return failed
            }
        default: return failed
        }
    }
}
