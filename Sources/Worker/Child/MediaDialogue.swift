internal import Glibc
internal import Jobs
internal import MediaWire

/// What a child may say, in which order and how often, and what its end means. Does no I/O.
///
/// The child decodes what strangers upload, so that nothing it says is believed: anything out of order is a verdict.
struct MediaDialogue {
    private let request: MediaRequest
    private let needsSandbox: Bool
    private var task: MediaRequest.Task { request.task }
    /// What the job may take: little is known of it before the source has been looked at.
    private(set) var limits: JobLimits
    private var answer = MediaAnswer()
    private var failure: MediaFailure?
    private var highest = MediaProgress()
    private var messages = 0
    private var plans = 0
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private(set) var isOver = false
    /// What the child did that it must not, if it did.
    var breach: Verdict?
    /// The call on the socket that failed, if one did.
    var channelError: String?

    /// - Parameter needsSandbox: whether a child that lacks a layer may do the job.
    init(_ request: MediaRequest, needsSandbox: Bool) {
        self.request = request
        self.needsSandbox = needsSandbox
        limits = JobLimits(unknown: request.profile, threads: request.threads)
        start = clock.now
    }

    /// Whether the child has said that it is locked in and waits.
    var isReady: Bool { answer.sandbox != nil }

    /// Takes one message; true where it shows that the work goes on.
    mutating func accept(_ message: MediaMessage) throws(Verdict) -> Bool {
        messages += 1
        // An honest child tells a few times a second.
        guard messages <= 2000 + 200 * Int((clock.now - start) / .seconds(1)) else {
            throw Self.broken("it sent \(messages) messages in \(clock.now - start)")
        }
        if case .ready(let report) = message { return try greet(report) }
        guard isReady else { throw Self.broken("it spoke before it was ready") }
        switch message {
        case .ready: return true
        case .equipped(let report):
            guard task == .greet, answer.equipment == nil else { throw Self.broken("nobody asked for its equipment") }
            answer.equipment = report
            return true
        case .probed(let info):
            guard answer.info == nil else { throw Self.broken("it probed twice") }
            answer.info = info
            limits = JobLimits(info, threads: request.threads, profile: request.profile)
            return true
        case .planned(let plan):
            // A plan may turn out wrong once more is decoded: the last one counts.
            plans += 1
            guard answer.info != nil, task == .plan || task == .transcode, plans <= 8 else { throw Self.broken("an unexpected plan") }
            answer.plan = plan
            return true
        case .progress(let progress):
            guard progress.done >= 0, progress.packets >= 0, progress.frames >= 0, progress.total ?? 0 >= 0 else {
                throw Self.broken("it counts below zero")
            }
            return grow(progress)
        case .finished(let outcome):
            guard (outcome != nil) == (task == .transcode), hasTold(answer) else {
                throw Self.broken("it finished without what it was asked for")
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

    /// The kernel counts what all processes of a user have together, and of root nothing: of one child it is we who count.
    func check(threads: Int) throws(Verdict) {
        guard threads <= limits.threads else {
            throw Self.forbidden("It had \(threads) threads, where \(limits.threads) are many.")
        }
    }

    /// Whether it has told what must come before its result.
    private func hasTold(_ answer: MediaAnswer) -> Bool {
        switch task {
        case .greet: answer.equipment != nil
        case .scrub: true
        case .probe: answer.info != nil
        case .plan, .transcode: answer.plan != nil
        }
    }

    private mutating func greet(_ report: SandboxReport) throws(Verdict) -> Bool {
        guard !isReady else { throw Self.broken("it was ready twice") }
        if let shortcoming = report.shortcoming, needsSandbox {
            throw Verdict(.hostFault, Self.unusable, detail: shortcoming)
        }
        answer.sandbox = report
        return true
    }

    private mutating func grow(_ progress: MediaProgress) -> Bool {
        if progress.phase.rawValue > highest.phase.rawValue {
            highest.phase = progress.phase
            // What is done of the source is counted anew in every phase.
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

    /// What a child is killed for that has stopped talking and does not end.
    var verdictOfSilence: Verdict {
        if isOver { return Self.broken("it did not end after its result") }
        return Self.broken("it closed the connection and went on running")
    }

    /// The sum of it all, once the child has ended.
    func answer(exit: ChildExit, killedFor: Verdict?, errors: String) throws(Verdict) -> MediaAnswer {
        if var verdict = killedFor ?? breach, !(isOver && breach == nil && exit.cause == .status(0)) {
            verdict.detail = [verdict.detail, errors].filter { !$0.isEmpty }.joined(separator: "\n")
            throw verdict
        }
        let story = [channelError.map { "\($0)\n" } ?? "", errors].joined()
        if exit.cause == .status(0), isOver {
            if let failure { throw Verdict(failure) }
            var answer = self.answer
            answer.exit = exit
            return answer
        }
        // Its own words on what is wrong with the file count more than how it stumbled afterwards.
        if let failure { throw Verdict(failure) }
        // It had not come as far as the file: whatever is wrong, another file would meet it too.
        guard isReady else { throw Verdict(.hostFault, Self.unusable, detail: "\(exit.cause)\n\(story)") }
        if exit.peakMemory > limits.memory / 4 * 3 {
            throw Verdict(
                .memoryLimit, "The file needs more memory than a file of its kind may have.",
                detail: "\(exit.cause) at \(exit.peakMemory) bytes of \(limits.memory)\n\(story)")
        }
        throw Self.crashed(exit.cause, story: story)
    }

    private static let unusable = "The worker cannot start its media program."

    static func overTime(_ limit: Duration) -> Verdict {
        let minutes = Int((limit / .seconds(60)).rounded())
        return Verdict(.timeLimit, "The work on this file took longer than the \(minutes) minutes that it may.")
    }

    func standstill(after limit: Duration) -> Verdict {
        let seconds = Int(limit / .seconds(1))
        guard isReady else { return Verdict(.hostFault, Self.unusable, detail: "It was not ready within \(seconds) seconds.") }
        return Verdict(.stalled, "The work on this file stood still for \(seconds) seconds and was stopped.")
    }

    private static func broken(_ detail: String) -> Verdict {
        Verdict(.protocolError, "The media program did not keep to its part.", detail: "The child broke off: \(detail).")
    }

    private static func forbidden(_ detail: String) -> Verdict {
        Verdict(
            .forbiddenCall, "The media program tried on this file what it is not allowed to do, and was stopped.",
            detail: detail)
    }

    private static func crashed(_ cause: ChildExit.Cause, story: String) -> Verdict {
        switch cause {
        case .signal(SIGXCPU):
            return Verdict(.timeLimit, "The work on this file took more processor time than allowed.", detail: story)
        case .signal(SIGXFSZ):
            return Verdict(.overOutputSize, "The result grew larger than allowed.", detail: story)
        case .signal(SIGSYS):
            return forbidden("SIGSYS: the kernel's log names the system call.\n\(story)")
        case .signal(let signal):
            let name = signalName(signal)
            return Verdict(.crashed, "The media program crashed on this file (\(name)).", detail: "\(name)\n\(story)")
        case .status(let status):
            return Verdict(
                .crashed, "The media program ended without a result.", detail: "exit status \(status)\n\(story)")
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

extension Verdict {
    /// The child's own verdict, in the job's words.
    init(_ failure: MediaFailure) {
        let code: Code =
            switch failure.code {
            case .empty: .empty
            case .notMedia: .notMedia
            case .forbiddenFormat: .forbiddenFormat
            case .encrypted: .encrypted
            case .noAudioVideo: .noAudioVideo
            case .truncated: .truncated
            case .damaged: .damaged
            case .unsupportedCodec: .unsupportedCodec
            case .overDuration: .overDuration
            case .overPixels: .overPixels
            case .overFrames: .overFrames
            case .overStreams: .overStreams
            case .overInputSize: .overInputSize
            case .overOutputSize: .overOutputSize
            case .verifyFailed: .verifyFailed
            case .outOfMemory: .outOfMemory
            case .memoryLimit: .memoryLimit
            case .diskFull: .diskFull
            case .io: .io
            case .hostFault: .hostFault
            case .internalError: .internalError
            }
        self.init(code, failure.reason, detail: failure.detail)
    }
}
