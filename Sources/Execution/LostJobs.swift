internal import Jobs
internal import Site
internal import WorkerConfiguration

extension WorkerContext {
    /// Stops jobs whose claim is lost: cancelled or taken over, or whose file was deleted, disabled or replaced.
    package func stopLost(_ jobs: [RunningJob]) async throws {
        for claim in try await site.doubtful(among: jobs.map(\.claim)) where try await !site.renew(claim, lease: configuration.lease) {
            jobs.first { $0.claim == claim }?.control.stop(.lost)
        }
    }

    /// Does so for one job at each change of the database, until cancelled.
    func watch(_ job: RunningJob) async {
        let wakeup = WakeupSignal()
        await withDiscardingTaskGroup { group in
            group.addTask { [site, poll = configuration.poll] in
                for await _ in await site.wakeups(poll: { poll }) { wakeup.signal() }
            }
            group.addTask { [poll = configuration.poll] in
                // Ends when cancelled.
                while (try? await Task.sleep(for: poll)) != nil { wakeup.signal() }
            }
            for await _ in wakeup.signals {
                // If the database cannot be queried now, the next check is soon.
                try? await stopLost([job])
            }
            group.cancelAll()
        }
    }
}
