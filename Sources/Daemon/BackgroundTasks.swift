internal import Execution
internal import Synchronization

/// Work beside the loop and its jobs, one of each kind at a time. Begun by the loop; may end on any thread.
final class BackgroundTasks: Sendable {
    enum Kind { case retention, cache, missingFolders }

    private let running = Mutex<Set<Kind>>([])

    var isRunning: Bool { running.withLock { !$0.isEmpty } }

    /// - Parameter wakeup: signalled at its end.
    func begin(
        _ kind: Kind, _ context: WorkerContext, _ group: inout DiscardingTaskGroup, wakeup: WakeupSignal,
        _ work: @escaping @Sendable (WorkerContext) async -> Void
    ) {
        guard running.withLock({ $0.insert(kind).inserted }) else { return }
        group.addTask {
            await work(context)
            self.running.withLock { _ = $0.remove(kind) }
            wakeup.signal()
        }
    }
}
