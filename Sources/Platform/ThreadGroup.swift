/// Several threads that do the same blocking work, until all are done.
public enum ThreadGroup {
    /// Runs `body` on so many threads, the caller's among them. Fewer are enough where the machine has no more: throws nothing for that.
    public static func run(_ count: Int, _ body: @escaping @Sendable () -> Void) {
        let others = (1..<max(1, count)).compactMap { _ in try? SystemThread(body) }
        body()
        for thread in others { thread.join() }
    }
}
