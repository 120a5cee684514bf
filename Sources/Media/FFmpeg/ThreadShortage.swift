internal import Platform

/// Whether this process cannot start some threads.
enum ThreadShortage {
    /// More than one: the threads that a failing codec had started are free again.
    private static let threads = 24

    /// Tests it by starting them.
    static var exists: Bool {
        var started: [SystemThread] = []
        defer { for thread in started { thread.join() } }
        for _ in 0..<threads {
            guard let thread = try? SystemThread({}) else { return true }
            started.append(thread)
        }
        return false
    }
}
