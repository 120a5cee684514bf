internal import Diagnostics
internal import Execution
internal import HTTPAPI
internal import Jobs
public import Logging
internal import MediaProcess
public import MediaWire
internal import Observability
internal import Platform
internal import ServiceLifecycle
internal import Site
public import WorkerConfiguration

/// A daemon with its surroundings: the status file and the service manager.
public enum Service {
    /// Opens, runs and closes. Throws what `WorkerContext.open` throws, a `ConfigurationError` or a `TransientError` for a status
    /// file that cannot be written, and what `Daemon.run` throws.
    public static func run(
        _ configuration: Configuration, untilIdle: Bool, stops: AsyncStream<Void>, reloads: Reloads = .none,
        sandbox: SandboxReport, environment: [String: String], log: Logger
    ) async throws {
        log.notice("Uploads are decoded in a sandbox: \(sandbox.layers.joined(separator: ", ")).")
        if let shortcoming = sandbox.shortcoming { log.warning("\(shortcoming) Uploads are decoded with less protection.") }
        let context = try await open(configuration, log)
        // Warn once: without a command, there is nothing to try for every file.
        if let cache = try? await SiteChecks.cache(context.site, configuration), let remedy = cache.remedy {
            log.warning("\(cache.text) \(remedy)")
        }
        do {
            let board = context.board(sandbox: sandbox)
            let thread = try BlockingThread()
            let (path, status) = (configuration.statusFile, board.status())
            let file = try await thread.run { [pid = context.owner.pid] in
                let file = try StatusFile(path: path, pid: pid)
                try file.write(status)
                return file
            }
            let writer = StatusWriter(board: board, file: file, thread: thread, log: log)
            log.notice("transcoder \(Version.current) serves \(context.site.settings.root); status file: \(file.path)")
            let daemon = Daemon(
                context, board: board, manager: ServiceManager(environment: environment, thread: try BlockingThread()))
            let view = ServiceView(
                site: context.site, disk: context.disk, board: board, configuration: { daemon.context.configuration },
                ready: { daemon.context.launcher.ready })
            // With --until-idle, the sockets are left to the service.
            let api = untilIdle
                ? nil
                : try await APIOpening(configuration, notifications: daemon.notifications, view: view, log: log)
            let metrics = try configuration.metricsFile.map {
                MetricsFile(path: $0, metrics: view.metrics, thread: try BlockingThread(), log: log)
            }
            // Started in this order and stopped in reverse, after the daemon: status and metrics last longest.
            let services: [(any ServiceLifecycle.Service)?] = [writer, metrics, api]
            let work = ClosureService { try await daemon.run(untilIdle: untilIdle, stops: stops, reloads: reloads) }
            let group = ServiceGroupConfiguration(
                services: services.compactMap(\.self).map { .init(service: $0) }
                    + [.init(service: work, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup)],
                logger: log)
            try await ServiceGroup(configuration: group).run()
        } catch {
            await context.site.close()
            throw error
        }
        await context.site.close()
    }

    /// A service has been set up before: a missing path is assumed to be missing temporarily.
    private static func open(_ configuration: Configuration, _ log: Logger) async throws -> WorkerContext {
        do {
            return try await WorkerContext.open(configuration, ready: configuration.concurrency, log: log)
        } catch let error as SiteError where error.mayPass {
            throw TransientError("\(error) Its disk may not be mounted yet: try again later (exit code 75).")
        }
    }
}

extension Daemon {
    /// Handles notifications for this daemon.
    fileprivate var notifications: NotificationHandler {
        NotificationHandler(
            site: context.site, since: { self.context.configuration.since }, tell: { self.expect($0) }, wake: { self.wake() })
    }
}
