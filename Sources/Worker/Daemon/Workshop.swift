internal import FoundationEssentials
internal import Glibc
public import Jobs
public import Logging
public import Objects
public import Site

/// Everything that work on a site needs, opened and looked at once: the site, its disk, the media program.
public struct Workshop: Sendable {
    public let configuration: Configuration
    public let site: Site
    public let disk: LocalDisk
    public let owner: Owner
    public let log: Logger
    let launcher: MediaChildLauncher

    /// Throws a `ConfigurationError`, a `SiteError`, an `SQLError` or an `ObjectError`: each a sentence that names what
    /// is wrong.
    public static func open(_ configuration: Configuration, log: Logger) async throws -> Workshop {
        let launcher = try mediaLauncher(configuration)
        let site = try await openSite(configuration)
        do {
            let disk = try LocalDisk(root: site.settings.storageRoot, scratch: configuration.scratch)
            _ = try await site.prepare()
            return Workshop(
                configuration: configuration, site: site, disk: disk, owner: OwnProcess.owner(), log: log,
                launcher: launcher)
        } catch {
            await site.close()
            throw error
        }
    }

    /// The site alone, for commands that only look.
    public static func openSite(_ configuration: Configuration) async throws -> Site {
        guard let folder = configuration.site else {
            throw ConfigurationError("The configuration names no site: set “site” to the folder of the Fresns site.")
        }
        return try await Site.open(try SiteSettings.read(siteFolder: folder))
    }

    /// The media program, found and seen to be one.
    public static func mediaLauncher(_ configuration: Configuration) throws(ConfigurationError) -> MediaChildLauncher {
        guard let program = configuration.mediaProgram ?? MediaChildLauncher.findProgram() else {
            throw ConfigurationError(
                "The program transcoder-media is neither beside transcoder nor in libexec: set media_program.")
        }
        guard access(program, X_OK) == 0 else {
            throw ConfigurationError("media_program: \(program): \(String(cString: strerror(errno))).")
        }
        return MediaChildLauncher(program: program)
    }

    public func runner(board: StatusBoard) -> JobRunner {
        JobRunner(
            site: site, disk: disk, launcher: launcher, configuration: configuration, board: board, log: log)
    }

    public func board() -> StatusBoard {
        StatusBoard(pid: owner.pid, host: owner.host, database: "\(site.schema.dialect)")
    }

    /// Frees what dead workers held.
    @discardableResult
    public func reclaim() async throws -> [Int64] {
        let freed = try await site.reclaimLost(
            isAlive: OwnProcess.isAlive, thisHost: owner.host, policy: configuration.retry)
        for file in freed { log.notice("file \(file) was left by a worker that is gone: it is taken up again.") }
        return freed
    }

    /// Removes what dead tries left on the disk: recorded names of ours that no row plays.
    public func sweep() async throws {
        let disk = disk
        let thread = BlockingThread()
        for leftover in try await site.leftovers(limit: 500) {
            for path in leftover.paths {
                if try await thread.run({ try disk.remove(path) }) { log.info("removed \(path), which nothing plays.") }
            }
            if !leftover.paths.isEmpty { try await site.forget(leftover) }
        }
    }

    /// Threads for one of so many jobs.
    func threads(jobs: Int, attempt: Int) -> Int {
        // What crashed or stood still is tried again with the safer settings: nothing beside it.
        if attempt > 1 { return 1 }
        return configuration.threads ?? max(1, Self.processors / max(1, min(jobs, workers)))
    }

    var workers: Int { configuration.workers ?? Self.processors }

    static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }
}
