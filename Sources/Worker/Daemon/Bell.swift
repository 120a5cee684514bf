/// Calls one listener back to work. However often it rings before it is heard, it is heard once: what there is to do
/// is looked up, not counted. May be rung from anywhere.
struct Bell: Sendable {
    let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (rings, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func ring() { continuation.yield() }
}
