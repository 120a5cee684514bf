public import Hummingbird
internal import NIOCore

/// What a handler knows of its request beside the request: path parameters, the log, and the connection's limits.
public struct APIRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
