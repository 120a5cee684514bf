internal import FoundationEssentials
internal import Hummingbird
internal import Observability

/// Routes for Prometheus and for health checks.
enum MetricsRoutes {
    static func add(to router: Router<APIRequestContext>, _ metrics: @escaping @Sendable () -> Metrics, health: Health) {
        let rules = RouteRules(needsLocalHost: true)
        router.serve(.get, "/metrics", rules) { _, _ in .bytes(.ok, Exposition.mediaType, Array(metrics().text.utf8)) }
        router.serve(.get, "/healthz", rules) { _, _ in answer(health.standstill()) }
        router.serve(.get, "/readyz", rules) { _, _ in answer(await health.hindrance()) }
    }

    private struct Answer: Encodable {
        let ok: Bool
        let error: String?
    }

    private static func answer(_ hindrance: String?) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(Answer(ok: hindrance == nil, error: hindrance))).map(Array.init) ?? []
        return .json(hindrance == nil ? .ok : .serviceUnavailable, body + [UInt8(ascii: "\n")])
    }
}
