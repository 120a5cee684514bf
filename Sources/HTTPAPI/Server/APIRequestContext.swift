internal import Hummingbird
internal import NIOCore

/// A request's context for its handler: path parameters, the log, and the connection's limits.
struct APIRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
