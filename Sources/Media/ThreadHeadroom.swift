internal import Glibc

/// Whether this process may still start some threads.
enum ThreadHeadroom {
    /// More than one: what a codec had before it failed is free again.
    private static let threads = 24

    /// Asks the kernel, by starting them.
    static var isGone: Bool {
        var started: [pthread_t] = []
        defer { for thread in started { pthread_join(thread, nil) } }
        for _ in 0..<threads {
            var thread = pthread_t()
            guard pthread_create(&thread, nil, { _ in nil }, nil) == 0 else { return true }
            started.append(thread)
        }
        return false
    }
}
