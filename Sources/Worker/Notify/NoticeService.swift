internal import Configuration
internal import Logging
internal import Observability
internal import Platform

/// The doors at which notifications are taken, as far as the configuration names any.
struct NoticeService: Sendable {
    let server: ConnectionServer

    /// nil where no door is configured. Throws a `ConfigurationError` or a `TransientError` that names the key, or a
    /// `ThreadError`.
    ///
    /// - Parameter beside: what else is served over HTTP.
    static func open(
        _ configuration: Configuration, desk: NoticeDesk, beside: [HTTPExchange.Route] = [], log: Logger,
        patience: DoorPatience = DoorPatience()
    ) throws -> NoticeService? {
        var doors: [ConnectionServer.Door] = []
        if let path = configuration.socket {
            let lines = LineExchange(
                longest: ChangeNotice.longest, tooLong: explain("It is longer than \(ChangeNotice.longest) bytes."),
                tooSlow: explain("It took too long to come.")
            ) { line in await desk.answer(line).json }
            // Who may open the file needs no token.
            let exchange = LineOrHTTPExchange(lines: lines, http: HTTPExchange(routes: [route(desk)], explain: explain))
            doors.append(.init(listening: try Listening.unix(path: path), exchange: exchange))
            log.notice("Notifications are taken at \(path).")
        }
        if let address = configuration.httpListen {
            let token = try configuration.hasToken ? configuration.readToken() : nil
            let listening = try Listening.loopback(address)
            let notify = token.map { route(desk, token: $0) } ?? closed
            let exchange = HTTPExchange(routes: [notify] + beside, explain: explain)
            doors.append(.init(listening: listening, exchange: exchange))
            if token != nil { log.notice("Notifications are taken at http://\(listening.name)/notify.") }
            if configuration.httpMetrics { log.notice("Metrics are at http://\(listening.name)/metrics.") }
            if configuration.httpDashboard { log.notice("The dashboard is at http://\(listening.name)/.") }
        }
        return doors.isEmpty ? nil : NoticeService(server: try ConnectionServer(doors, patience: patience))
    }

    func close() async { await server.close() }

    private static func route(_ desk: NoticeDesk, token: BearerToken? = nil) -> HTTPExchange.Route {
        .init(method: "POST", path: "/notify", longestBody: ChangeNotice.longest, token: token) { call in
            let answer = await desk.answer(call.body)
            return HTTPResponse(status: answer.status, body: answer.json)
        }
    }

    /// Whoever knocks finds a daemon of ours all the same.
    private static var closed: HTTPExchange.Route {
        .init(method: "POST", path: "/notify", longestBody: ChangeNotice.longest) { _ in
            HTTPResponse(status: 403, body: explain("No token is configured: notifications are not taken over HTTP."))
        }
    }

    private static func explain(_ sentence: String) -> [UInt8] { NoticeAnswer.refusal(NoticeError(sentence)).json }
}
