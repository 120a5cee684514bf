/// One request over HTTP, sent on by a table of routes.
struct HTTPExchange: Exchange {
    struct Route: Sendable {
        let method: String
        let path: String
        /// Of the request, in bytes; 0: it may have none.
        let longestBody: Int
        /// Nil: whoever reaches the door may ask.
        let token: BearerToken?
        let respond: @Sendable ([UInt8]) async -> HTTPResponse
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
        let here = routes.filter { $0.path == request.path }
        guard !here.isEmpty else { throw HTTPRefusal(404, "There is nothing at this address.") }
        guard let route = here.first(where: { $0.method == request.method }) else {
            let allowed = here.map(\.method).joined(separator: ", ")
            return .answer(response(HTTPRefusal(405, "\(allowed) is served here."), [("Allow", allowed)]))
        }
        // Before the body is waited for: who may not ask is not listened to.
        if let token = route.token, !token.isShown(in: request["authorization"]) {
            return .answer(response(HTTPRefusal(401, "The token is missing or wrong."), [("WWW-Authenticate", "Bearer")]))
        }
        if route.longestBody > 0, request.contentLength == nil { throw HTTPRefusal(411, "Content-Length is missing.") }
        let length = request.contentLength ?? 0
        guard length <= route.longestBody else { throw HTTPRefusal(413, "The body may have \(route.longestBody) bytes.") }
        guard bytes.count >= request.headLength + length else { return nil }
        let body = Array(bytes[request.headLength..<(request.headLength + length)])
        return .work { await route.respond(body).bytes }
    }

    private func refuse(_ refusal: HTTPRefusal) -> [UInt8] { response(refusal, []) }

    private func response(_ refusal: HTTPRefusal, _ headers: [(name: String, value: String)]) -> [UInt8] {
        HTTPResponse(status: refusal.status, headers: headers, body: explain(refusal.why)).bytes
    }
}
