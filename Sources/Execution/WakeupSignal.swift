/// Wakes one listener. However often it is signalled before it is received, it is received once: the work
/// is looked up, not counted. May be signalled from anywhere.
package struct WakeupSignal: Sendable {
    package let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    package func signal() { continuation.yield() }
}
