internal import Configuration
internal import Objects
internal import Observability
internal import Site

/// The page and what it fetches. It shows, and changes nothing.
enum DashboardRoutes {
    /// - Parameter status: as it is now, and how many files are worked on at a time at most.
    static func routes(
        desk: DashboardDesk, posters: PosterShelf, token: BearerToken?,
        status: @escaping @Sendable () -> (status: Status, workers: Int)
    ) -> [HTTPExchange.Route] {
        func route(_ path: String, _ respond: @escaping @Sendable (HTTPCall) async -> HTTPResponse) -> HTTPExchange.Route {
            .init(method: "GET", path: path, token: token, scheme: .basic, needsLocalHost: true) { call in
                var response = await respond(call)
                response.headers += headers
                return response
            }
        }
        func text(_ path: String, _ type: String, _ text: String) -> HTTPExchange.Route {
            route(path) { _ in HTTPResponse(status: 200, type: "\(type); charset=utf-8", body: Array(text.utf8)) }
        }
        return [
            text("/", "text/html", DashboardPage.html),
            text("/dashboard.css", "text/css", DashboardStyle.css),
            text("/dashboard.js", "text/javascript", DashboardScript.javascript),
            text("/icon.svg", "image/svg+xml", DashboardPage.icon),
            route("/dashboard.json") { _ in
                let (status, workers) = status()
                let document = await desk.document(status, workers: workers)
                // Numbers, words and texts of whole characters: nothing that could fail.
                return HTTPResponse(status: 200, body: (try? document.json()) ?? Array("{}".utf8))
            },
            route("/posters/") { call in
                guard let poster = await posters.poster(named: call.tail) else {
                    return HTTPResponse(status: 404, body: Array("{\"error\":\"There is no poster of that number.\"}\n".utf8))
                }
                return HTTPResponse(status: 200, type: "image/jpeg", body: poster)
            },
        ]
    }

    /// Nothing but our own script runs, nothing comes from elsewhere, nobody frames the page, and no text becomes a script.
    private static let headers = [
        (
            name: "Content-Security-Policy",
            value: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        ),
        (name: "X-Content-Type-Options", value: "nosniff"),
        (name: "X-Frame-Options", value: "DENY"),
        (name: "Referrer-Policy", value: "no-referrer"),
        (name: "Cross-Origin-Resource-Policy", value: "same-origin"),
        (name: "Cross-Origin-Opener-Policy", value: "same-origin"),
    ]
}
