internal import Diagnostics
internal import Execution
internal import HTTPAPI
internal import Jobs
public import Logging
internal import MediaProcess
internal import Notifications
public import MediaWire
internal import Observability
internal import Platform
internal import ServiceLifecycle
internal import Site
public import WorkerConfiguration

/// A daemon with its surroundings: the status file, HTTP, what wakes the loop, and the loop.
public enum Service {
    /// Opens, runs and closes. Throws what `WorkerContext.open` throws, a `ConfigurationError` or a `TransientError` for a status
    /// file that cannot be written, and what `Daemon.run` throws.
    ///
    /// - Parameter stops: the first lets running jobs continue for the grace period, the second stops them.
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
        // Closed by hand, after the group: opening a service may fail before there is a group, and the loop returns rows until its end.
        do {
            let board = context.board(sandbox: sandbox)
            let manager = ServiceManager(environment: environment, thread: try BlockingThread())
            let daemon = Daemon(context, board: board, manager: manager, untilIdle: untilIdle)
            let services = try await services(daemon, configuration, reloads, untilIdle: untilIdle)
            try await OrderedServices(services, log: log).run(stops: stops, hurry: daemon.hurry)
        } catch {
            await context.site.close()
            throw error
        }
        await context.site.close()
    }

    /// In the order of their start. The loop stops first, and returns its rows while changes still wake it; the status is the last.
    private static func services(
        _ daemon: Daemon, _ configuration: Configuration, _ reloads: Reloads, untilIdle: Bool
    ) async throws -> [any ServiceLifecycle.Service] {
        let (context, board) = (daemon.context, daemon.board)
        let thread = try BlockingThread()
        let (path, status) = (configuration.statusFile, board.status())
        let file = try await thread.run { [pid = context.owner.pid] in
            let file = try StatusFile(path: path, pid: pid)
            try file.write(status)
            return file
        }
        context.log.notice("transcoder \(Version.current) serves \(context.site.settings.root); status file: \(file.path)")
        let view = ServiceView(
            site: context.site, store: { try await context.stores($0) }, board: board, configuration: { daemon.context.configuration },
            ready: { daemon.context.launcher.ready },
            changed: { file in
                daemon.wake()
                await daemon.context.cache.invalidate(file, command: daemon.context.configuration.cacheCommand)
            })
        // With --until-idle, the sockets are left to the service.
        let api = untilIdle
            ? nil
            : try await HTTPAPIService(configuration, notifications: daemon.notifications, view: view, log: context.log)
        let metrics = try configuration.metricsFile.map {
            MetricsFile(path: $0, metrics: view.metrics, thread: try BlockingThread(), log: context.log)
        }
        let notifier = Notifier(
            site: context.site, host: context.owner.host, pending: daemon.incidents, configuration: { daemon.context.configuration },
            conditions: { board.status().incidents }, log: context.log)
        let changes = EventForwarder {
            await context.site.wakeups(poll: { daemon.context.configuration.poll }, hints: daemon.notified.signals)
        } act: {
            daemon.wakeup.signal()
        }
        let reload = EventForwarder { reloads.requests } act: { daemon.reload(reloads) }
        let services: [(any ServiceLifecycle.Service)?] = [
            StatusWriter(board: board, file: file, thread: thread, log: context.log), metrics, api, notifier, changes, reload, daemon,
        ]
        return services.compactMap(\.self)
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
