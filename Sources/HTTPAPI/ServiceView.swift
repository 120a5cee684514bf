internal import Hummingbird
package import Jobs
package import Objects
package import Observability
package import Site
package import WorkerConfiguration

/// What HTTP clients may see of a daemon, as far as the configuration allows.
package struct ServiceView: Sendable {
    let site: Site
    let store: @Sendable (FileStore) async throws -> any ObjectStore
    let board: StatusBoard
    /// The current one: a reload replaces it.
    let configuration: @Sendable () -> Configuration
    /// How many media children are in reserve at the moment.
    let ready: @Sendable () -> Int
    /// A file was retried or cancelled by hand.
    let changed: @Sendable (Int64) async -> Void

    package init(
        site: Site, store: @escaping @Sendable (FileStore) async throws -> any ObjectStore, board: StatusBoard,
        configuration: @escaping @Sendable () -> Configuration,
        ready: @escaping @Sendable () -> Int, changed: @escaping @Sendable (Int64) async -> Void = { _ in }
    ) {
        self.site = site
        self.store = store
        self.board = board
        self.configuration = configuration
        self.ready = ready
        self.changed = changed
    }

    @Sendable package func metrics() -> Metrics {
        board.metrics(site: site.settings.root, workers: configuration().concurrency, ready: ready())
    }

    /// Throws a `ConfigurationError` about the token, or a `ThreadError`.
    func addRoutes(to router: Router<APIRequestContext>, _ configuration: Configuration) throws {
        if configuration.httpMetrics { MetricsRoutes.add(to: router, metrics, health: Health(site: site, board: board)) }
        if configuration.httpDashboard {
            let now = self.configuration
            let token = try configuration.hasToken ? configuration.readToken() : nil
            DashboardRoutes(
                desk: DashboardHandler(site: site) { now().since }, files: FileHandler(site: site, board: board, acts: token != nil),
                posters: try PosterStore(site: site, store: store), actions: FileActions(site: site, changed: changed), token: token,
                hosts: configuration.httpAllowedHosts ?? [], status: { [board] in (board.status(), now().concurrency) }
            ).add(to: router)
        }
    }
}
