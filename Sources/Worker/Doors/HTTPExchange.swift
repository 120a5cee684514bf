internal import Configuration

/// What a route is asked.
struct HTTPCall: Sendable {
    /// Of the path, what lies beneath the route's own. As it was sent: nothing in it is decoded, and nothing is to be believed.
    let tail: String
    let body: [UInt8]
}

/// One request over HTTP, sent on by a table of routes.
struct HTTPExchange: Exchange {
    struct Route: Sendable {
        let method: String
        /// One that ends with “/”, and is more than that, stands for all that lies beneath it.
        let path: String
        /// Of the request, in bytes; 0: it may have none.
        var longestBody = 0
        /// Nil: whoever reaches the door may ask.
        var token: BearerToken?
        /// How it is shown.
        var scheme = Scheme.bearer
        /// A page of somebody else's, in a browser on this machine, must not reach us under a name of its own (DNS rebinding).
        var needsLocalHost = false
        let respond: @Sendable (HTTPCall) async -> HTTPResponse

        func serves(_ path: String) -> Bool {
            isFolder ? path.hasPrefix(self.path) && path != self.path : path == self.path
        }

        func tail(of path: String) -> Substring { isFolder ? path.dropFirst(self.path.count) : "" }

        private var isFolder: Bool { path.hasSuffix("/") && path != "/" }
    }

    enum Scheme: Sendable {
        case bearer
        /// As a browser asks for it: the password, whatever the name; or as a bearer.
        case basic

        var challenge: String { self == .bearer ? "Bearer" : "Basic realm=\"transcoder\", charset=\"UTF-8\"" }

        func shows(_ token: BearerToken, _ header: String?) -> Bool {
            token.isShown(in: header) || (self == .basic && token.isPassword(in: header))
        }
    }

    let routes: [Route]
    /// A sentence as this door's body.
    let explain: @Sendable (String) -> [UInt8]

    var tooSlow: [UInt8] { refuse(HTTPRefusal(408, "The request took too long to come.")) }

    func read(_ bytes: [UInt8], isEnd: Bool) -> ExchangeStep {
        do throws(HTTPRefusal) {
            if let step = try step(bytes) { return step }
            // Somebody who came and went.
            if isEnd, bytes.isEmpty { return .answer([]) }
            if isEnd { throw HTTPRefusal(400, "The request ends too early.") }
            return .incomplete
        } catch {
            return .answer(refuse(error))
        }
    }

    /// nil: more is to come.
    private func step(_ bytes: [UInt8]) throws(HTTPRefusal) -> ExchangeStep? {
        guard let request = try HTTPRequest(bytes) else { return nil }
        let here = routes.filter { $0.serves(request.path) }
        guard !here.isEmpty else { throw HTTPRefusal(404, "There is nothing at this address.") }
        guard let route = here.first(where: { $0.method == request.method }) else {
            let allowed = here.map(\.method).joined(separator: ", ")
            return .answer(response(HTTPRefusal(405, "\(allowed) is served here."), [("Allow", allowed)]))
        }
        if route.needsLocalHost, !request.isForLocalHost {
            throw HTTPRefusal(421, "Ask for 127.0.0.1, [::1] or localhost: nothing else is served here.")
        }
        // Before the body is waited for: who may not ask is not listened to.
        if let token = route.token, !route.scheme.shows(token, request["authorization"]) {
            return .answer(
                response(HTTPRefusal(401, "The token is missing or wrong."), [("WWW-Authenticate", route.scheme.challenge)]))
        }
        if route.longestBody > 0, request.contentLength == nil { throw HTTPRefusal(411, "Content-Length is missing.") }
        let length = request.contentLength ?? 0
        guard length <= route.longestBody else { throw HTTPRefusal(413, "The body may have \(route.longestBody) bytes.") }
        guard bytes.count >= request.headLength + length else { return nil }
        let call = HTTPCall(
            tail: String(route.tail(of: request.path)), body: Array(bytes[request.headLength..<(request.headLength + length)]))
        return .work { await route.respond(call).bytes }
    }

    private func refuse(_ refusal: HTTPRefusal) -> [UInt8] { response(refusal, []) }

    private func response(_ refusal: HTTPRefusal, _ headers: [(name: String, value: String)]) -> [UInt8] {
        HTTPResponse(status: refusal.status, headers: headers, body: explain(refusal.why)).bytes
    }
}
