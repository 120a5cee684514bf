/// Calls one listener back to work. However often it rings before it is heard, it is heard once: what there is to do
/// is looked up, not counted. May be rung from anywhere.
package struct Bell: Sendable {
    package let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (rings, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    package func ring() { continuation.yield() }
}
