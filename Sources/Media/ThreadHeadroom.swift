internal import Glibc

/// Whether this process can still start some threads.
enum ThreadHeadroom {
    /// More than one: the threads that a failing codec had started are free again.
    private static let threads = 24

    /// Tests it by starting them.
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
