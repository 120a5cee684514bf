import Jobs

/// The life of one job as a pure machine: what each event makes of the file's row and of ours. `Site` says the same in SQL,
/// each event in one transaction; a test walks both by the same events, in any order. Drawn in docs/job-states.md.
struct JobMachine: Sendable, Equatable {
    /// `files.transcoding_state`.
    enum FileState: Int, Sendable {
        case waiting = 1
        case running, done, failed
    }

    /// Our row beside it.
    struct Job: Sendable, Equatable {
        var state = JobState.waiting
        var token: Int64 = 0
        var attempts = 0
        var losses = 0
        /// Its next try lies in the future.
        var isEarly = false

        init() {}
    }

    enum Event: Sendable, Equatable {
        /// Somebody wants it. `early`, `force`: a person does.
        case claim(early: Bool, force: Bool)
        // What a holder says, by its token.
        case renew(Int64)
        case publish(Int64)
        case succeed(Int64)
        case fail(Int64, countsAsTry: Bool, isLast: Bool)
        case handBack(Int64)
        /// Its holder is dead, or its lease has run out.
        case lose(cap: Int)
        /// The moment of the next try has come.
        case timeComes
        // What a person says.
        case cancel, retry
        // What others do to the file's row.
        case disable, enable
        case reset
        case takeElsewhere
    }

    var file = FileState.waiting
    /// Nil until the first claim.
    var job: Job?
    /// Neither deleted nor disabled.
    var isAlive = true

    init() {}

    /// False: refused. Even then what was still the speaker's has been put back.
    mutating func apply(_ event: Event) -> Bool {
        switch event {
        case .claim(let early, let force): return claim(early: early, force: force)
        case .renew(let token): return holds(token) || release(token)
        case .publish(let token):
            guard holds(token) else { return release(token) }
            job?.state = .publishing
        case .succeed(let token):
            guard holds(token) else { return release(token) }
            job?.attempts += 1
            job?.state = .done
            file = .done
        case .fail(let token, let countsAsTry, let isLast):
            guard holds(token) else { return release(token) }
            if countsAsTry { job?.attempts += 1 }
            job?.state = isLast ? .failed : .waiting
            job?.isEarly = !isLast
            file = isLast ? .failed : .waiting
        case .handBack(let token):
            let isTheirs = isHeld(by: token)
            _ = release(token)
            return isTheirs
        case .lose(let cap): return lose(cap)
        case .cancel: return cancel()
        case .retry: return retry()
        case .timeComes: job?.isEarly = false
        case .disable: isAlive = false
        case .enable: isAlive = true
        case .reset: file = .waiting
        case .takeElsewhere: file = .running
        }
        return true
    }

    private mutating func claim(early: Bool, force: Bool) -> Bool {
        guard isAlive, file == .waiting || force && file != .running else { return false }
        if let job, job.state == .waiting, job.isEarly, !early, !force { return false }
        var next = job ?? Job()
        // What somebody set back to 1, or wants done anew, has had no try yet.
        if force || next.state == .done || next.state == .failed { (next.attempts, next.losses) = (0, 0) }
        next.state = .running
        next.token += 1
        next.isEarly = false
        job = next
        file = .running
        return true
    }

    private mutating func lose(_ cap: Int) -> Bool {
        guard var lost = job, lost.state.isHeld else { return false }
        lost.token += 1
        lost.losses += 1
        lost.isEarly = false
        let isOver = lost.losses > cap
        lost.state = isOver ? .failed : .waiting
        job = lost
        if file == .running { file = isOver ? .failed : .waiting }
        return true
    }

    private mutating func cancel() -> Bool {
        let isHeld = job?.state.isHeld ?? false
        guard isHeld || isAlive, file == .waiting || file == .running && isHeld else { return false }
        var cancelled = job ?? Job()
        cancelled.state = .failed
        cancelled.token += 1
        cancelled.isEarly = false
        job = cancelled
        file = .failed
        return true
    }

    private mutating func retry() -> Bool {
        guard isAlive, file == .waiting || file == .failed else { return false }
        // With a higher token: somebody may hold it though its file was set back.
        var next = Job()
        next.token = (job?.token ?? 0) + 1
        job = next
        file = .waiting
        return true
    }

    private func isHeld(by token: Int64) -> Bool { job.map { $0.state.isHeld && $0.token == token } ?? false }

    /// The token is good, and the file's row is as it was claimed.
    private func holds(_ token: Int64) -> Bool { isHeld(by: token) && file == .running && isAlive }

    /// Puts back what is still theirs. Always false: whoever comes here was refused.
    private mutating func release(_ token: Int64) -> Bool {
        // A database that was restored without our row: the file would be nobody's for ever.
        if job == nil, file == .running { file = .waiting }
        guard isHeld(by: token) else { return false }
        job?.state = .waiting
        job?.isEarly = false
        if file == .running { file = .waiting }
        return false
    }
}
