internal import HTTPTypes
internal import Hummingbird
internal import MediaWire
internal import NIOCore
internal import NIOHTTPTypes
internal import Platform
internal import WorkerConfiguration

typealias RouteHandler = @Sendable (Request, APIRequestContext) async throws -> Response

/// Who may access a route, and with which limits.
struct RouteRules: Sendable {
    /// Nil: everyone who reaches the socket.
    var token: BearerToken?
    /// How the token is sent.
    var scheme: TokenScheme
    /// A foreign page, in a browser on this machine, must not reach us under its own host name (DNS rebinding).
    var needsLocalHost: Bool
    /// Other names that may be used nevertheless (`http.allowed_hosts`); nil: the key is not for this route.
    var allowedHosts: [HostName]?
    var limits: RequestLimits

    init(
        token: BearerToken? = nil, scheme: TokenScheme = .bearer, needsLocalHost: Bool = false, allowedHosts: [HostName]? = nil,
        limits: RequestLimits = RequestLimits()
    ) {
        self.token = token
        self.scheme = scheme
        self.needsLocalHost = needsLocalHost
        self.allowedHosts = allowedHosts
        self.limits = limits
    }
}

extension RouterMethods<APIRequestContext> {
    /// Serves a path: HEAD with GET, and 405 with the allowed methods for others. Unauthorized requests are refused before
    /// the body is read, which a handler may collect, or stream.
    func serve(_ path: RouterPath, _ rules: RouteRules = RouteRules(), _ handlers: [HTTPRequest.Method: RouteHandler]) {
        var handlers = handlers
        // The connection omits its body.
        if let get = handlers[.get], handlers[.head] == nil { handlers[.head] = get }
        let allowed = handlers.keys.map(\.rawValue).sorted().joined(separator: ", ")
        for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options] {
            guard let handler = handlers[method] else {
                on(path, method: method) { _, _ -> Response in
                    throw HTTPError(.methodNotAllowed, headers: [.allow: allowed], message: "Allowed methods: \(allowed).")
                }
                continue
            }
            on(path, method: method) { request, context in
                var request = request
                try await rules.admit(&request, context)
                return try await handler(request, context)
            }
        }
    }

    func serve(_ method: HTTPRequest.Method, _ path: RouterPath, _ rules: RouteRules = RouteRules(), _ handler: @escaping RouteHandler) {
        serve(path, rules, [method: handler])
    }
}

extension RouteRules {
    /// Throws an `HTTPError` if access is denied.
    fileprivate func admit(_ request: inout Request, _ context: APIRequestContext) async throws {
        try checkHost(request.head.authority)
        if let token {
            // Two tokens count as none.
            let shown = request.headers[values: .authorization]
            guard shown.count == 1, scheme.shows(token, shown[0]) else {
                throw HTTPError(.unauthorized, headers: [.wwwAuthenticate: scheme.challenge], message: "The token is missing or wrong.")
            }
        }
        try limitBody(&request, context)
        if limits.areOwn { try await context.channel.triggerUserOutboundEvent(limits) }
    }

    /// Only the `Host` header counts: whoever can reach us can write any X-Forwarded-Host.
    private func checkHost(_ host: String?) throws {
        guard needsLocalHost, !LocalHost.isNamed(by: host) else { return }
        if let allowedHosts, let named = host.flatMap(HostName.init), allowedHosts.contains(where: { $0.isNamed(by: named) }) { return }
        let name = PlainText.line(String((host ?? "").prefix(100)))
        let key = allowedHosts == nil ? "use" : "add it to http.allowed_hosts, or use"
        throw HTTPError(
            .misdirectedRequest,
            message: "The host “\(name)” is not allowed here: \(key) 127.0.0.1, [::1] or localhost.")
    }

    private func limitBody(_ request: inout Request, _ context: APIRequestContext) throws {
        let isChunked = request.headers[.transferEncoding] != nil
        let length = request.headers[.contentLength].map { Int($0) ?? .max }
        if limits.body > 0, length == nil, !isChunked, [.post, .put, .patch].contains(request.method) {
            throw HTTPError(.lengthRequired, message: "Content-Length is missing.")
        }
        guard length ?? 0 <= limits.body, !isChunked || limits.body > 0 else { throw LimitedBody.tooLong(limits.body) }
        let isAskedFor = request.headers[.expect] != nil
        guard isChunked || isAskedFor else { return }
        let channel = context.channel
        request.body = RequestBody(
            asyncSequence: LimitedBody(base: request.body, most: limits.body) {
                guard isAskedFor else { return }
                try await channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)))
            })
    }
}
