internal import Glibc
internal import Jobs
internal import MediaWire
internal import Verdicts

/// The protocol of a child: which messages it may send, in which order and how often, and what its end means. Does no I/O.
///
/// The child decodes untrusted uploads, so nothing it says is trusted: any violation becomes a verdict.
struct ChildProtocol {
    private let request: MediaRequest
    private let needsSandbox: Bool
    private var task: MediaRequest.Task { request.task }
    /// The job's limits: generous until the source has been analysed.
    private(set) var limits: JobLimits
    private var answer = MediaAnswer()
    private var failure: Verdict?
    private var highest = MediaProgress()
    private var messages = 0
    private var plans = 0
    /// Bytes of the output by the largest plan; nil without a plan.
    private var planned: Int?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private(set) var isOver = false
    /// The child's violation, if any.
    var breach: Verdict?
    /// The failed socket call, if any.
    var channelError: String?

    /// - Parameter needsSandbox: whether a child that lacks a layer must not run the job.
    init(_ request: MediaRequest, needsSandbox: Bool) {
        self.request = request
        self.needsSandbox = needsSandbox
        limits = JobLimits(unknown: request.profile, threads: request.threads)
        start = clock.now
    }

    /// Whether the child has reported that it is sandboxed and waiting.
    var isReady: Bool { answer.sandbox != nil }

    /// Takes one message; true if it shows progress.
    mutating func accept(_ message: MediaMessage) throws(Verdict) -> Bool {
        messages += 1
        // A legitimate child sends a few messages per second.
        guard messages <= 2000 + 200 * Int((clock.now - start) / .seconds(1)) else {
            throw Self.broken("it sent \(messages) messages in \(clock.now - start)")
        }
        if case .ready(let report) = message { return try handshake(report) }
        guard isReady else { throw Self.broken("it sent a message before it was ready") }
        switch message {
        case .ready: return true
        case .equipped(let report):
            guard task == .handshake, answer.equipment == nil else { throw Self.broken("it sent its equipment unasked") }
            answer.equipment = report
            return true
        case .probed(let info):
            guard answer.info == nil else { throw Self.broken("it probed twice") }
            answer.info = info
            limits = JobLimits(info, threads: request.threads, profile: request.profile)
            return true
        case .planned(let plan):
            // A plan may turn out wrong during decoding: the last one counts.
            plans += 1
            guard answer.info != nil, task == .plan || task == .transcode, plans <= 8 else { throw Self.broken("an unexpected plan") }
            answer.plan = plan
            let size = min(max(plan.outputSize ?? 0, 0), request.profile.limits.outputSize)
            planned = max(planned ?? 0, size)
            return true
        case .progress(let progress):
            guard progress.done >= 0, progress.packets >= 0, progress.frames >= 0, progress.total ?? 0 >= 0 else {
                throw Self.broken("it counted below zero")
            }
            return grow(progress)
        case .finished(let outcome):
            guard (outcome != nil) == (task == .transcode), hasTold(answer) else {
                throw Self.broken("it finished without a result")
            }
            answer.outcome = outcome
            isOver = true
            return true
        case .failed(let failure):
            self.failure = failure
            isOver = true
            return true
        }
    }

    /// The kernel limits the threads of all processes of a user together, and not those of root: the threads of one child are
    /// counted here.
    func check(_ usage: ProcessUsage) throws(Verdict) {
        guard usage.threads <= limits.threads else {
            throw Self.forbidden("It had \(usage.threads) threads; at most \(limits.threads) are expected.")
        }
        guard usage.memory <= limits.memory + Self.libraries else {
            throw Verdict(
                .tooMuchMemory, detail: "It used \(usage.memory) bytes of memory of the \(limits.memory) allowed.")
        }
    }

    /// The maximum memory of a process that belongs to its code, not to its work.
    private static let libraries = 256 << 20

    /// The maximum file size in bytes: above the muxer's own limit, so that the muxer reports it first.
    var fileSize: Int { request.profile.limits.outputSize.addingSaturated(1 << 20) }

    /// A plan overestimates; an index or a buffer may come on top.
    private func mostOutput(sourceSize: Int64) -> Int64 {
        switch task {
        case .handshake, .probe, .plan: 0
        // The same packets in the same kind of container need about the same space.
        case .scrub: OutcomeCheck.mostScrubbedBytes(sourceSize: sourceSize)
        case .transcode: Int64(planned.map { $0.addingSaturated($0 / 4 + 16 << 20) } ?? 1 << 20)
        }
    }

    func check(_ files: WrittenFiles) throws(Verdict) {
        let output = files.outputSize, most = mostOutput(sourceSize: files.sourceSize)
        guard output <= most else {
            throw Verdict(
                .resultLargerThanPlanned, detail: "\(output) bytes; at most \(most) are expected.")
        }
        let poster = files.posterSize, largest = OutcomeCheck.mostPosterBytes(side: request.profile.poster.maxSide)
        guard poster <= largest else { throw Self.broken("its poster had \(poster) bytes; at most \(largest) are expected") }
    }

    /// Whether it has sent what must precede its result.
    private func hasTold(_ answer: MediaAnswer) -> Bool {
        switch task {
        case .handshake: answer.equipment != nil
        case .scrub: true
        case .probe: answer.info != nil
        case .plan, .transcode: answer.plan != nil
        }
    }

    private mutating func handshake(_ report: SandboxReport) throws(Verdict) -> Bool {
        guard !isReady else { throw Self.broken("it was ready twice") }
        if let shortcoming = report.shortcoming, needsSandbox {
            throw Verdict(.programUnusable, detail: shortcoming)
        }
        answer.sandbox = report
        return true
    }

    private mutating func grow(_ progress: MediaProgress) -> Bool {
        if progress.phase.rawValue > highest.phase.rawValue {
            highest.phase = progress.phase
            // Progress in the source restarts in every phase.
            highest.done = progress.done
            return true
        }
        let hasGrown =
            progress.packets > highest.packets || progress.frames > highest.frames || progress.done > highest.done
        highest.packets = max(progress.packets, highest.packets)
        highest.frames = max(progress.frames, highest.frames)
        highest.done = max(progress.done, highest.done)
        return hasGrown
    }

    /// Why a child is killed that closed its connection but does not exit.
    var verdictOfSilence: Verdict {
        if isOver { return Self.broken("it did not exit after its result") }
        return Self.broken("it closed the connection but kept running")
    }

    /// The final result, once the child has ended.
    func answer(exit: ChildExit, killedFor: Verdict?, errors: String) throws(Verdict) -> MediaAnswer {
        if var verdict = killedFor ?? breach, !(isOver && breach == nil && exit.cause == .status(0)) {
            verdict.detail = [verdict.detail, errors].filter { !$0.isEmpty }.joined(separator: "\n")
            throw verdict
        }
        let story = [channelError.map { "\($0)\n" } ?? "", errors].joined()
        if exit.cause == .status(0), isOver {
            if let failure { throw failure }
            var answer = self.answer
            answer.exit = exit
            return answer
        }
        // Its own report about the file counts more than how it failed afterwards.
        if let failure { throw failure }
        // It had not reached the file: another file would fail the same way.
        guard isReady else {
            let isShort = exit.cause == .signal(SIGKILL) && !exit.isByUs && exit.wasMemoryShort
            throw Verdict(isShort ? .machineOutOfMemory : .programUnusable, detail: "\(exit.cause)\n\(story)")
        }
        if exit.cause == .signal(SIGKILL), !exit.isByUs { throw killed(exit, story: story) }
        // Swift's runtime aborts if the kernel refuses it memory; FFmpeg does not.
        let isRefused = exit.cause == .signal(SIGABRT) && story.contains("failed to allocate")
        if isRefused || exit.peakMemory > limits.memory / 4 * 3 {
            throw Verdict(
                .tooMuchMemory,
                detail: "\(exit.cause) at \(exit.peakMemory) bytes of \(limits.memory)\n\(story)")
        }
        throw Self.crashed(exit.cause, story: story)
    }

    /// It cannot do that itself (seccomp): the kernel or a person killed it. That says nothing about the file, unless the
    /// kernel did so for processor time, because the child ignored the signal before.
    private func killed(_ exit: ChildExit, story: String) -> Verdict {
        if exit.processorSeconds >= Double(limits.processorSeconds) { return Self.overProcessor(story) }
        guard exit.wasMemoryShort else {
            return Verdict(.programKilled, detail: story)
        }
        return Verdict(
            .machineOutOfMemory,
            detail: "The kernel killed the media program at \(exit.peakMemory) bytes.\n\(story)")
    }

    private static func overProcessor(_ story: String) -> Verdict {
        Verdict(.tooMuchProcessorTime, detail: story)
    }

    /// A busy machine may be faster the next time.
    static let late = "It was not ready within"

    static func overTime(_ limit: Duration) -> Verdict {
        Verdict(.tooMuchTime(minutes: Int((limit / .seconds(60)).rounded())))
    }

    func standstill(after limit: Duration) -> Verdict {
        let seconds = Int(limit / .seconds(1))
        guard isReady else { return Verdict(.programUnusable, detail: "\(Self.late) \(seconds) seconds.") }
        return Verdict(.standstill(seconds: seconds))
    }

    private static func broken(_ detail: String) -> Verdict {
        Verdict(.protocolViolation, detail: "The child broke the protocol: \(detail).")
    }

    private static func forbidden(_ detail: String) -> Verdict {
        Verdict(.forbiddenAction, detail: detail)
    }

    private static func crashed(_ cause: ChildExit.Cause, story: String) -> Verdict {
        switch cause {
        case .signal(SIGXCPU):
            return overProcessor(story)
        case .signal(SIGXFSZ):
            return Verdict(.resultTooLarge, detail: story)
        case .signal(SIGSYS):
            return forbidden("SIGSYS: the kernel's log names the system call.\n\(story)")
        case .signal(let signal):
            let name = signalName(signal)
            return Verdict(.crash(signal: name), detail: "\(name)\n\(story)")
        case .status(let status):
            return Verdict(.noResult, detail: "exit status \(status)\n\(story)")
        }
    }

    private static func signalName(_ signal: CInt) -> String {
        let names: [CInt: String] = [
            SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGFPE: "SIGFPE", SIGABRT: "SIGABRT",
            SIGKILL: "SIGKILL", SIGSYS: "SIGSYS", SIGTRAP: "SIGTRAP", SIGTERM: "SIGTERM", SIGPIPE: "SIGPIPE",
        ]
        return names[signal] ?? "signal \(signal)"
    }
}
