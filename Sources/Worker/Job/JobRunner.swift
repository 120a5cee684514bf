internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import Objects
internal import SQL
internal import Site

/// The way of one job, from the claim to the row that is written back. A value that all jobs of a process share.
public struct JobRunner: Sendable {
    let site: Site
    let disk: LocalDisk
    let launcher: MediaChildLauncher
    let room: Room
    let cache: SiteCache
    let profiles: ProfileChoice
    let configuration: Configuration
    let board: StatusBoard
    let log: Logger

    init(
        site: Site, disk: LocalDisk, launcher: MediaChildLauncher, room: Room, cache: SiteCache,
        configuration: Configuration, board: StatusBoard, log: Logger
    ) {
        self.site = site
        self.disk = disk
        self.launcher = launcher
        self.room = room
        self.cache = cache
        self.configuration = configuration
        self.board = board
        self.log = log
        profiles = ProfileChoice(configuration: configuration, log: log)
    }

    /// Does the claimed file and tells the database how it ended. Never leaves a work file or a child behind.
    ///
    /// - Parameter threads: of each of the codecs.
    func run(_ file: MediaFile, _ claim: Claim, threads: Int, control: JobControl) async -> JobEnd {
        let keeper = LeaseKeeper(site: site, claim: claim, lease: configuration.lease, log: log)
        let renewal = Task { await keeper.keep(control) }
        let end = await settle(claim, control) {
            try await JobWork(runner: self, file: file, claim: claim, threads: threads, control: control).perform()
        }
        renewal.cancel()
        await renewal.value
        if case .failed = end { JobStep.failed.pass() }
        switch end {
        case .done, .failed: await cache.freshen(file.id, command: configuration.cacheCommand)
        case .retry, .handedBack, .lost, .untold: break
        }
        JobStep.ended.pass()
        tell(end, of: file, claim, control)
        return end
    }

    private func settle(_ claim: Claim, _ control: JobControl, _ work: () async throws -> FileResult) async -> JobEnd {
        func settle(_ verdict: Verdict) async -> JobEnd { await self.settle(verdict, claim, control) }
        do {
            return .done(try await work())
        } catch let verdict as Verdict {
            return await settle(verdict)
        } catch let error as ObjectError {
            return await settle(Verdict(error))
        } catch let error as SQLError where error.isTransient {
            return await settle(Verdict(.databaseGone, "The database cannot be reached.", detail: "\(error)"))
        } catch let error as ChildError {
            return await settle(Verdict(.hostFault, "The worker cannot start its media program.", detail: "\(error)"))
        } catch let error as ThreadError {
            return await settle(Verdict(.hostFault, "The worker's machine has no thread to spare.", detail: "\(error)"))
        } catch let error as SQLFailure {
            return .untold(Verdict(.databaseGone, "The database cannot be reached."), why: error.description)
        } catch {
            return await settle(Verdict(.internalError, "The worker failed on this file.", detail: "\(error)"))
        }
    }

    private func settle(_ verdict: Verdict, _ claim: Claim, _ control: JobControl) async -> JobEnd {
        do {
            switch control.isStoppedFor {
            case .lost: return .lost
            case .drained where verdict.code == .drained:
                return try await persist { try await site.handBack(claim) } ? .handedBack : .lost
            case .drained, .noRoom, nil: break
            }
            let decision = configuration.retry.next(
                after: verdict, attempt: claim.attempt, random: Double.random(in: 0..<1))
            switch decision {
            case .giveUp:
                return try await persist { try await site.fail(claim, verdict, retryAt: nil) } ? .failed(verdict) : .lost
            case .retry(let wait):
                let moment = Date(timeIntervalSinceNow: wait / .seconds(1))
                return try await persist { try await site.fail(claim, verdict, retryAt: moment) }
                    ? .retry(verdict, at: moment) : .lost
            }
        } catch {
            return .untold(verdict, why: "\(error)")
        }
    }

    /// A line for the log, and the board's. A failure to write a state is the most important of them.
    private func tell(_ end: JobEnd, of file: MediaFile, _ claim: Claim, _ control: JobControl) {
        let name = "file \(file.id) (\(file.fid))"
        switch end {
        case .done(let result):
            board.succeed(
                fileID: file.id, mediaSeconds: Double(result.duration), bytesIn: file.size ?? 0, bytesOut: result.size,
                processorSeconds: control.processorSeconds)
            log.info("\(name) is done: \(result.newPath ?? "it was right as it is")\(result.remark.map { " — \($0)" } ?? "")")
        case .failed(let verdict):
            board.fail(fileID: file.id, fid: file.fid, verdict, willRetry: false)
            log.warning("\(name) failed, \(verdict.code.rawValue): \(verdict.reason)\(verdict.story)")
        case .retry(let verdict, let moment):
            board.fail(fileID: file.id, fid: file.fid, verdict, willRetry: true)
            let when = moment.formatted(.iso8601)
            log.warning(
                "\(name), try \(claim.attempt): \(verdict.code.rawValue): \(verdict.reason) Next try at \(when).\(verdict.story)")
        case .handedBack:
            board.end(fileID: file.id)
            log.info("\(name) is handed back: the worker is stopping.")
        case .lost:
            board.end(fileID: file.id)
            log.notice("\(name) was taken over, changed or deleted meanwhile: what was made of it is discarded.")
        case .untold(let verdict, let why):
            board.end(fileID: file.id)
            log.error("\(name): the database could not be told how it ended (\(verdict.code.rawValue)): \(why)")
        }
    }
}

extension Verdict {
    /// What the log tells besides the reason. Set in, so that no line of a child's passes for one of ours.
    var story: String { detail.split(separator: "\n").map { "\n    \($0)" }.joined() }
}
