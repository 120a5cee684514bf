internal import HTTPTypes
internal import Hummingbird
internal import Platform
internal import WorkerConfiguration

/// `POST /notify`.
enum NotificationRoutes {
    static func add(_ notifications: NotificationHandler, to router: Router<APIRequestContext>, _ token: BearerToken? = nil) {
        router.group().add(middleware: errors).serve(.post, "/notify", RouteRules(token: token, limits: limits)) { request, _ in
            let body = try await request.body.collect(upTo: ChangeNotification.longest)
            let answer = await notifications.answer(Array(body.readableBytesView))
            return .json(HTTPResponse.Status(code: answer.status), answer.json)
        }
    }

    /// `ServiceProbe` recognises a daemon nevertheless.
    static func refuse(on router: Router<APIRequestContext>) {
        router.group().add(middleware: errors).serve(.post, "/notify", RouteRules(limits: limits)) { _, _ in
            .json(.forbidden, explain("No token is configured: notifications over HTTP are disabled."))
        }
    }

    /// A refusal has the form of every other reply.
    private static var errors: ErrorsAsJSON { ErrorsAsJSON(explain: explain) }
    private static var limits: RequestLimits { RequestLimits(body: ChangeNotification.longest) }

    @Sendable static func explain(_ sentence: String) -> [UInt8] { NotificationResponse.refusal(NotificationError(sentence)).json }
}
