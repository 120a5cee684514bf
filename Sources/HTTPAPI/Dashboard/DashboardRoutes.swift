internal import HTTPTypes
internal import Hummingbird
internal import Observability
internal import Platform
internal import WorkerConfiguration

/// The dashboard and its data. Read-only.
enum DashboardRoutes {
    /// - Parameter status: the current status, and the maximum number of concurrent jobs.
    static func add(
        to router: Router<APIRequestContext>, desk: DashboardHandler, posters: PosterStore, token: BearerToken?, hosts: [HostName],
        status: @escaping @Sendable () -> (status: Status, workers: Int)
    ) {
        let routes = router.group().add(middleware: PageHeaders())
        let rules = RouteRules(token: token, scheme: .basic, needsLocalHost: true, allowedHosts: hosts)
        func file(_ path: RouterPath, _ type: String, _ bytes: [UInt8]) {
            routes.serve(.get, path, rules) { _, _ in .bytes(.ok, "\(type); charset=utf-8", bytes) }
        }
        file("/", "text/html", PackageResources.dashboard_html)
        file("/dashboard.css", "text/css", PackageResources.dashboard_css)
        file("/dashboard.js", "text/javascript", PackageResources.dashboard_js)
        file("/icon.svg", "image/svg+xml", PackageResources.icon_svg)
        routes.serve(.get, "/dashboard.json", rules) { _, _ in
            let (status, workers) = status()
            let document = await desk.document(status, workers: workers)
            // Numbers and valid strings: encoding cannot fail.
            return .json(.ok, (try? document.json()) ?? Array("{}".utf8))
        }
        routes.serve(.get, "/posters/:id", rules) { _, context in
            guard let name = context.parameters.get("id"), let poster = await posters.poster(named: name) else {
                return .json(.notFound, Array("{\"error\":\"There is no such poster.\"}\n".utf8))
            }
            return .bytes(.ok, "image/jpeg", poster)
        }
    }
}

/// Only our own script runs, nothing loads from elsewhere, the page cannot be framed, and no text becomes a script.
private struct PageHeaders: RouterMiddleware {
    typealias Context = APIRequestContext

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.headers { response.headers[name] = value }
        return response
    }

    private static let headers: [(HTTPField.Name, String)] = [
        (
            .contentSecurityPolicy,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        ),
        (.xContentTypeOptions, "nosniff"),
    ] + [
        ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}
