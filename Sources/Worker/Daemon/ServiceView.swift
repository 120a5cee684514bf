internal import Site

/// What others get to see of a daemon over HTTP, as far as the configuration lets them.
struct ServiceView: Sendable {
    let shop: Workshop
    let board: StatusBoard

    @Sendable func metrics() -> Metrics {
        board.metrics(site: shop.site.settings.root, workers: shop.workers, ready: shop.launcher.ready)
    }

    /// Throws a `ConfigurationError` about the token, or a `ThreadError`.
    func routes(_ configuration: Configuration) throws -> [HTTPExchange.Route] {
        var routes: [HTTPExchange.Route] = []
        if configuration.httpMetrics { routes += MetricsRoutes.routes(metrics, health: Health(site: shop.site, board: board)) }
        if configuration.httpDashboard {
            routes += DashboardRoutes.routes(
                desk: DashboardDesk(site: shop.site, since: configuration.since), posters: try PosterShelf(site: shop.site, disk: shop.disk),
                token: try configuration.hasToken ? configuration.readToken() : nil,
                status: { (board.status(), shop.workers) })
        }
        return routes
    }
}
