/// Calls one listener back to work. However often it rings before it is heard, it is heard once: what there is to do
/// is looked up, not counted. May be rung from anywhere.
package struct WakeupSignal: Sendable {
    package let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    package func signal() { continuation.yield() }
}
