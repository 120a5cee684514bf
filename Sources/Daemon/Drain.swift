internal import Execution
internal import Jobs
internal import Logging
internal import MediaProcess
internal import Observability
internal import Platform
internal import WorkerConfiguration

extension Daemon {
    /// Lets running jobs finish within the grace period, then returns them to the queue.
    func drain(_ loop: inout LoopState) async {
        let context = context
        board.set(state: .draining)
        context.launcher.keep(ready: 0)
        let jobs = context.jobs.count == 1 ? "1 job" : "\(context.jobs.count) jobs"
        manager.stopping("Finishing \(jobs)")
        if context.jobs.count > 0 {
            let grace = Quantity.duration(context.configuration.grace)
            context.log.notice("Stopping: \(jobs) may continue for \(grace). A second signal stops immediately.")
        }
        let deadline = clock.now + context.configuration.grace
        let timer = Task { [wakeup, clock, watchdog] in
            while clock.now < deadline, !Task.isCancelled {
                try? await Task.sleep(for: watchdog.rest(deadline - clock.now), clock: clock)
                wakeup.signal()
            }
        }
        defer { timer.cancel() }
        while context.jobs.count > 0 {
            watchdog.feed()
            if clock.now >= deadline || isHurried { context.jobs.stop(.drained) }
            // If the database cannot be queried, the next write will fail anyway.
            try? await context.stopLost(context.jobs.all)
            board.heartbeat.rest(for: max(.zero, deadline - clock.now))
            guard await loop.signals.next() != nil else {
                // Nobody says when a job has ended any more: none may go on without an end.
                context.jobs.stop(.drained)
                break
            }
        }
        do {
            try await context.sweep { watchdog.feed() }
            context.launcher.tend()
            try await loop.report.count(context, anew: true)
            manager.status(board.status().sentence)
        } catch {
            context.log.warning("Leftover files will be removed at the next start: \(error)")
        }
    }
}
