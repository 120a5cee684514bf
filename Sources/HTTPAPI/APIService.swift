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
                endpoints.append(.init(try .unix(path: path), explain: NotificationRoutes.explain) { NotificationRoutes.add(notifications, to: $0) })
                notices.append("Notifications are accepted at \(path).")
            }
            if let address = configuration.httpListen {
                let token = try configuration.hasToken ? configuration.readToken() : nil
                let socket = try ListeningSocket.loopback(address)
                let endpoint = try HTTPServer.Endpoint(socket, explain: ErrorsAsJSON.plain) { router in
                    if let token { NotificationRoutes.add(notifications, to: router, token) } else { NotificationRoutes.refuse(on: router) }
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
}
