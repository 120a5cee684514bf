internal import FoundationEssentials
internal import Observability

/// What is served to Prometheus, and to whoever looks whether the daemon is alive.
enum MetricsRoutes {
    static func routes(_ metrics: @escaping @Sendable () -> Metrics, health: Health) -> [HTTPExchange.Route] {
        [
            .init(method: "GET", path: "/metrics", needsLocalHost: true) { _ in
                HTTPResponse(status: 200, type: Exposition.mediaType, body: Array(metrics().text.utf8))
            },
            .init(method: "GET", path: "/healthz", needsLocalHost: true) { _ in answer(health.standstill()) },
            .init(method: "GET", path: "/readyz", needsLocalHost: true) { _ in answer(await health.hindrance()) },
        ]
    }

    private struct Answer: Encodable {
        let ok: Bool
        let error: String?
    }

    private static func answer(_ hindrance: String?) -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(Answer(ok: hindrance == nil, error: hindrance))).map(Array.init) ?? []
        return HTTPResponse(status: hindrance == nil ? 200 : 503, body: body + [UInt8(ascii: "\n")])
    }
}
