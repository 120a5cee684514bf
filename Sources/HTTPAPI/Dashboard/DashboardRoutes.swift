internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Observability
internal import Platform
internal import WorkerConfiguration

/// The dashboard, a page for each file, and their data.
struct DashboardRoutes: Sendable {
    let desk: DashboardHandler
    let files: FileHandler
    let posters: PosterStore
    let actions: FileActions
    let token: BearerToken?
    /// Names of `http.allowed_hosts`.
    let hosts: [HostName]
    /// The current status, and the maximum number of concurrent jobs.
    let status: @Sendable () -> (status: Status, workers: Int)

    func add(to router: Router<APIRequestContext>) {
        let routes = router.group().add(middleware: PageHeaders())
        let rules = RouteRules(token: token, scheme: .basic, needsLocalHost: true, allowedHosts: hosts)
        func file(_ path: RouterPath, _ type: String, _ bytes: [UInt8]) {
            routes.serve(.get, path, rules) { _, _ in .bytes(.ok, "\(type); charset=utf-8", bytes) }
        }
        file("/dashboard.css", "text/css", PackageResources.dashboard_css)
        file("/page.js", "text/javascript", PackageResources.page_js)
        file("/dashboard.js", "text/javascript", PackageResources.dashboard_js)
        file("/file.js", "text/javascript", PackageResources.file_js)
        file("/icon.svg", "image/svg+xml", PackageResources.icon_svg)
        routes.serve(.get, "/", rules) { [desk] _, _ in
            .bytes(.ok, "text/html; charset=utf-8", DashboardPage.filled(PackageResources.dashboard_html, in: await desk.language()))
        }
        routes.serve(.get, "/texts.js", rules) { [desk] _, _ in
            .bytes(.ok, "text/javascript; charset=utf-8", DashboardPage.script(in: await desk.language()))
        }
        routes.serve(.get, "/dashboard.json", rules) { [self] _, _ in
            let (status, workers) = status()
            let document = await desk.document(status, workers: workers, acts: token != nil)
            // Numbers and valid strings: encoding cannot fail.
            return .json(.ok, (try? document.json()) ?? Array("{}".utf8))
        }
        routes.serve(.get, "/posters/:id", rules) { [posters] _, context in
            guard let id = Self.number(context), let poster = await posters.poster(of: id) else {
                throw HTTPError(.notFound, message: "There is no such poster.")
            }
            return .bytes(.ok, "image/jpeg", poster)
        }
        addFiles(to: routes, rules)
    }

    private func addFiles(to routes: RouterGroup<APIRequestContext>, _ rules: RouteRules) {
        routes.serve(.get, "/files/:id", rules) { [desk, files] _, context in
            guard let id = Self.number(context) else { throw HTTPError(.notFound) }
            let page = DashboardPage.filled(PackageResources.file_html, in: await desk.language())
            var response = Response.bytes(.ok, "text/html; charset=utf-8", page)
            response.headers[.contentSecurityPolicy] = PageHeaders.policy(media: await files.origin(of: id))
            return response
        }
        routes.serve(.get, "/files/:id/story", rules) { [files] _, context in
            let document: FileDocument?
            do {
                document = if let id = Self.number(context) { try await files.document(of: id) } else { nil }
            } catch {
                throw HTTPError(.serviceUnavailable, message: "The site's database cannot be used at the moment.")
            }
            guard let document else { throw HTTPError(.notFound, message: "There is no such video or audio file.") }
            return .json(.ok, try document.json())
        }
        for action in FileActions.Action.allCases {
            let path = RouterPath("/files/:id/\(action.rawValue)")
            guard token != nil else {
                // Anyone on this machine could do it, and nobody would know who did.
                routes.serve(.post, path, rules) { _, _ in
                    throw HTTPError(.forbidden, message: "Set http.token_file to retry and cancel files here.")
                }
                continue
            }
            routes.serve(.post, path, rules) { [actions] request, context in
                guard let id = Self.number(context) else { throw HTTPError(.notFound) }
                return try await actions.perform(action, id, request, context)
            }
        }
    }

    /// The ID in the path, as it is written: digits only.
    private static func number(_ context: APIRequestContext) -> Int64? {
        guard let name = context.parameters.get("id"), !name.isEmpty, name.utf8.count < 19, name.utf8.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return Int64(name)
    }
}

/// Only our own script runs, nothing loads from elsewhere, the page cannot be framed, and no text becomes a script.
private struct PageHeaders: RouterMiddleware {
    typealias Context = APIRequestContext

    func handle(
        _ request: Request, context: APIRequestContext, next: (Request, APIRequestContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.headers where response.headers[name] == nil { response.headers[name] = value }
        return response
    }

    /// - Parameter media: an origin whose video and audio the page may play.
    static func policy(media: String? = nil) -> String {
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \(media.map { "media-src \($0); " } ?? "")"
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    }

    private static let headers: [(HTTPField.Name, String)] =
        [(.contentSecurityPolicy, policy()), (.xContentTypeOptions, "nosniff")]
        + [
            ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}
