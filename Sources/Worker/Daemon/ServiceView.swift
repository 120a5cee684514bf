internal import HTTPAPI
internal import Hummingbird
internal import Objects
internal import Site

/// What others get to see of a daemon over HTTP, as far as the configuration lets them.
struct ServiceView: Sendable {
    let site: Site
    let disk: LocalDisk
    let board: StatusBoard
    /// By the configuration as it is now: another one after a reload.
    let shop: @Sendable () -> Workshop

    @Sendable func metrics() -> Metrics {
        let shop = shop()
        return board.metrics(site: site.settings.root, workers: shop.workers, ready: shop.launcher.ready)
    }

    /// Throws a `ConfigurationError` about the token, or a `ThreadError`.
    func addRoutes(to router: Router<APIRequestContext>, _ configuration: Configuration) throws {
        if configuration.httpMetrics { MetricsRoutes.add(to: router, metrics, health: Health(site: site, board: board)) }
        if configuration.httpDashboard {
            DashboardRoutes.add(
                to: router, desk: DashboardDesk(site: site) { [shop] in shop().configuration.since },
                posters: try PosterShelf(site: site, disk: disk), token: try configuration.hasToken ? configuration.readToken() : nil,
                status: { [board, shop] in (board.status(), shop().workers) })
        }
    }
}
