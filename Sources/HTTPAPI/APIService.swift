internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Platform
internal import WorkerConfiguration

/// What the daemon serves over HTTP on the configured sockets: notifications, metrics, health, the dashboard.
struct APIService: Sendable {
    let server: HTTPServer

    /// nil if no socket is configured. Throws a `ConfigurationError` or a `TransientError` that names the key.
    ///
    /// - Parameter addRoutes: adds further routes, served over TCP.
    static func open(
        _ configuration: Configuration, notifications: NotificationHandler, log: Logger, limits: ConnectionLimits = ConnectionLimits(),
        addRoutes: (Router<APIRequestContext>) throws -> Void = { _ in }
    ) async throws -> APIService? {
        var endpoints: [HTTPServer.Endpoint] = []
        var notices: [String] = []
        do {
            if let path = configuration.socket {
                // File permissions protect it: no token needed.
                endpoints.append(.init(try .unix(path: path), explain: explain) { serve(notifications, $0) })
                notices.append("Notifications are accepted at \(path).")
            }
            if let address = configuration.httpListen {
                let token = try configuration.hasToken ? configuration.readToken() : nil
                let socket = try ListeningSocket.loopback(address)
                let endpoint = try HTTPServer.Endpoint(socket, explain: explain) { router in
                    if let token { serve(notifications, router, token) } else { refuseNotifications(router) }
                    try addRoutes(router)
                }
                endpoints.append(endpoint)
                if token != nil { notices.append("Notifications are accepted at http://\(socket.name)/notify.") }
                if configuration.httpMetrics { notices.append("Metrics are at http://\(socket.name)/metrics.") }
                if configuration.httpDashboard { notices.append("The dashboard is at http://\(socket.name)/.") }
            }
            guard !endpoints.isEmpty else { return nil }
            let service = APIService(server: try await HTTPServer(endpoints, limits: limits, log: log))
            for notice in notices { log.notice("\(notice)") }
            return service
        } catch let error as ListeningError {
            throw TransientError.sorted(error.description, error.code)
        }
    }

    func close() async { await server.close() }

    private static func serve(_ notifications: NotificationHandler, _ router: Router<APIRequestContext>, _ token: BearerToken? = nil) {
        router.serve(.post, "/notify", RouteRules(token: token, limits: limits)) { request, _ in
            let body = try await request.body.collect(upTo: ChangeNotification.longest)
            let answer = await notifications.answer(Array(body.readableBytesView))
            return .json(HTTPResponse.Status(code: answer.status), answer.json)
        }
    }

    /// `ServiceProbe` recognises a daemon nevertheless.
    private static func refuseNotifications(_ router: Router<APIRequestContext>) {
        router.serve(.post, "/notify", RouteRules(limits: limits)) { _, _ in
            .json(.forbidden, explain("No token is configured: notifications over HTTP are disabled."))
        }
    }

    private static var limits: RequestLimits { RequestLimits(body: ChangeNotification.longest) }

    @Sendable private static func explain(_ sentence: String) -> [UInt8] { NotificationResponse.refusal(NotificationError(sentence)).json }
}
