/// Closed until it is opened, for all who come.
final class Gates: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    init() { (stream, continuation) = AsyncStream.makeStream() }
    func open() { continuation.finish() }
    func pass() async { for await _ in stream {} }
}
