public import Configuration
public import Daemon
internal import Diagnostics
internal import Execution
internal import Jobs
public import Logging
public import MediaWire
internal import Observability
internal import Platform
internal import Site

/// A daemon with everything around it: the status file and the service manager.
public enum Service {
    /// Opens, works and closes. Throws what `Workshop.open` throws, a `ConfigurationError` or a `TransientError` for a status
    /// file that cannot be written, and what `Daemon.run` throws.
    public static func run(
        _ configuration: Configuration, untilIdle: Bool, stops: AsyncStream<Void>, reloads: Reloads = .none,
        sandbox: SandboxReport, environment: [String: String], log: Logger
    ) async throws {
        log.notice("Media children are locked in by \(sandbox.layers.joined(separator: ", ")).")
        if let shortcoming = sandbox.shortcoming { log.warning("\(shortcoming) Uploads are decoded less safely.") }
        let shop = try await Workshop.open(configuration, ready: configuration.handsAtWork, log: log)
        // Once: what no command is set for is not tried at every file.
        if let cache = try? await SiteChecks.cache(shop.site, configuration), let mending = cache.mending {
            log.warning("\(cache.text) \(mending)")
        }
        do {
            let board = shop.board(sandbox: sandbox)
            let file = try StatusFile(path: configuration.statusFile, pid: shop.owner.pid)
            try file.write(board.status())
            let writer = StatusWriter(board: board, file: file, thread: try BlockingThread(), log: log)
            log.notice("transcoder \(Version.current) works on \(shop.site.settings.root); its status is at \(file.path)")
            let daemon = Daemon(
                shop, board: board, manager: ServiceManager(environment: environment, thread: try BlockingThread()))
            // Whoever works until all is done looks for himself, and leaves the doors to the service beside him.
            let view = ServiceView(site: shop.site, disk: shop.disk, board: board) { daemon.shop }
            let notices = untilIdle
                ? nil
                : try NoticeDoors(log: log) {
                    try NoticeService.open(configuration, desk: daemon.desk, beside: try view.routes(configuration), log: log)
                }
            let metrics = try configuration.metricsFile.map {
                MetricsFile(path: $0, metrics: view.metrics, thread: try BlockingThread(), log: log)
            }
            let writing = Task { await writer.run() }
            let counting = Task { await metrics?.keep() }
            let result: Result<Void, any Error>
            do {
                result = .success(try await daemon.run(untilIdle: untilIdle, stops: stops, reloads: reloads))
            } catch {
                result = .failure(error)
            }
            await notices?.close()
            writing.cancel()
            counting.cancel()
            await writing.value
            await counting.value
            await metrics?.remove()
            board.set(state: .stopped)
            await writer.end()
            try result.get()
        } catch {
            await shop.site.close()
            throw error
        }
        await shop.site.close()
    }
}

extension Daemon {
    /// Takes notifications for this daemon.
    var desk: NoticeDesk {
        NoticeDesk(
            site: shop.site, since: { self.shop.configuration.since }, tell: { self.expect($0) }, wake: { self.wake() })
    }
}
