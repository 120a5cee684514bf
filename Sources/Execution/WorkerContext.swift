internal import FoundationEssentials
internal import Glibc
public import Jobs
public import Logging
package import MediaProcess
public import MediaWire
public import Objects
public import Observability
internal import Platform
public import Site
internal import SQL
public import WorkerConfiguration

/// Everything that work on a site needs, opened and checked once: the site, its disk, the media program.
public struct WorkerContext: Sendable {
    /// The configuration of new jobs.
    public package(set) var configuration: Configuration
    public let site: Site
    public let disk: LocalDisk
    package let stores: Stores
    public let owner: Owner
    public let log: Logger
    package let launcher: MediaChildLauncher
    package let jobs: RunningJobs
    package let budget: DiskBudget
    package let cache: SiteCache
    package let missing = MissingUploadAlarm()
    let hostFaults = HostFaults()
    package let away = MissingFolders()

    /// Throws a `ConfigurationError`, a `SiteError`, an `SQLError`, an `ObjectError` or a `ThreadError`: each a sentence
    /// that names the problem.
    ///
    /// - Parameter ready: how many media children are kept ready.
    public static func open(_ configuration: Configuration, ready: Int = 0, log: Logger) async throws -> WorkerContext {
        let launcher = try MediaChildLauncher.configured(configuration, ready: ready)
        let site = try await openSite(configuration)
        do {
            let disk = try LocalDisk(root: site.settings.storageRoot, scratch: configuration.scratch)
            if let folder = disk.unwritable(["videos", "audios"]) {
                // The kernel remounts a failing disk read-only, and whoever fixes the disk does not think of a stopped service.
                if disk.isReadOnly(folder) { throw TransientError("The storage folder \(folder) is on a read-only disk, or the systemd unit does not allow writing to it (“transcoder init” configures that).") }
                throw ConfigurationError(
                    "User \(geteuid()) cannot write to the storage folder \(folder): run the service as its owner.")
            }
            _ = try await site.prepare()
            do {
                try await site.checkWritable()
            } catch let error as SQLError where error.isTransient {
                // A lock is no reason not to start: work waits for it.
                log.warning("\(error)")
            }
            let jobs = RunningJobs()
            let stores = Stores(disk, site: site, configuration: configuration)
            return WorkerContext(
                configuration: configuration, site: site, disk: disk, stores: stores, owner: OwnProcess.owner(), log: log, launcher: launcher,
                jobs: jobs, budget: try DiskBudget(jobs, reserve: configuration.reserve) { try stores.freeSpace() },
                cache: SiteCache(site: site, log: log))
        } catch {
            await site.close()
            throw error
        }
    }

    /// Only the site, for commands that only read.
    public static func openSite(_ configuration: Configuration) async throws -> Site {
        guard let folder = configuration.site else {
            throw ConfigurationError("The configuration has no site: set “site” to the folder of the Fresns site.")
        }
        var settings = try SiteSettings.read(siteFolder: folder)
        if let user = configuration.databaseUser {
            guard settings.database.identify(as: user, try configuration.readDatabasePassword()) else {
                throw ConfigurationError("database.user is \(user), but the site's database is SQLite, which has no users: remove it.")
            }
        }
        settings.hasEndpoint = configuration.storage.endpoint != nil
        let site = try await Site.open(settings)
        site.set(language: configuration.language)
        return site
    }

    /// A broken installation fails at start instead of failing one upload after another. Throws what `MediaProgram.handshake`
    /// throws, and a `MediaProgramError` if FFmpeg lacks something.
    @discardableResult
    public static func checkMediaProgram(_ configuration: Configuration) async throws -> SandboxReport {
        let program = try await MediaProgram.handshake(configuration)
        if let fault = program.fault { throw fault }
        return program.sandbox
    }

    public func runner(board: StatusBoard) -> JobRunner { JobRunner(self, board: board) }

    public func board(sandbox: SandboxReport = SandboxReport()) -> StatusBoard {
        StatusBoard(
            pid: owner.pid, host: owner.host, database: "\(site.schema.dialect)",
            sandbox: Status.Sandbox(mode: configuration.sandbox, sandbox), running: { [jobs] in jobs.all.map(\.course) })
    }

    /// Registers the job of a claimed file, and reserves its disk space. `JobRunner.run` ends it.
    ///
    /// - Parameter work: expected seconds.
    package func begin(_ file: MediaFile, _ claim: Claim, control: JobControl = JobControl(), work: Double = 0) -> RunningJob {
        let course = JobCourse(fileID: file.id, fid: file.fid, name: file.name, attempt: claim.attempt)
        let space = budget.space(for: file.id, sourceSize: file.size ?? 0, scrubs: scrubs)
        let job = RunningJob(claim: claim, control: control, course: course, work: work, space: space)
        jobs.begin(job)
        return job
    }

    /// Recovers the claims of dead workers.
    ///
    /// - Parameter watchTime: how long to watch an expired lease when called repeatedly.
    @discardableResult
    public func reclaim(watchTime: Duration = .zero) async throws -> [Int64] {
        let freed = try await site.reclaimLost(
            isAlive: OwnProcess.isAlive, thisHost: owner.host, policy: configuration.retry, watchTime: watchTime)
        for file in freed {
            log.notice(
                "File \(file) was interrupted by the end of its worker: it returns to the queue.", metadata: ["file_id": .stringConvertible(file)])
        }
        return freed
    }

    /// Threads per job for this number of jobs.
    package func threads(jobs: Int, attempt: Int) -> Int {
        // After a crash or a stall, the job is retried with safer settings: without parallel work.
        if attempt > 1 { return 1 }
        return configuration.threads ?? max(1, Processors.count / max(1, min(jobs, workers)))
    }

    /// Whether originals are rewritten.
    package var scrubs: Bool { configuration.originals == .scrub }

    package var workers: Int { configuration.concurrency }
}
