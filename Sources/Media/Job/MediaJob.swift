internal import CFFmpeg
internal import CFFmpegShims
internal import Glibc
public import MediaWire
internal import Verdicts

/// The single job of a media child, from an open source to a finished output. Synchronous: runs on the calling thread.
public struct MediaJob {
    /// Open files; the caller keeps them.
    public struct Files {
        public var source: CInt
        public var output: CInt
        public var poster: CInt

        public init(source: CInt, output: CInt = -1, poster: CInt = -1) {
            self.source = source
            self.output = output
            self.poster = poster
        }
    }

    /// A file that causes more replans is not worth more time.
    private static let mostReconsiderations = 4

    private let request: MediaRequest
    private let files: Files
    private let tell: (MediaMessage) throws -> Void
    private let confine: ((JobLimits) throws -> Void)?
    private let teller: ProgressReporter

    /// - Parameters:
    ///   - confine: called once, after the analysis and before the work, with the job's resource
    ///     limits; nil if nobody enforces them.
    ///   - tell: receives each message; an error from it ends the job.
    public init(
        _ request: MediaRequest, files: Files, confine: ((JobLimits) throws -> Void)? = nil,
        tell: @escaping (MediaMessage) throws -> Void
    ) {
        self.request = request
        self.files = files
        self.confine = confine
        self.tell = tell
        teller = ProgressReporter(tell: tell)
    }

    /// Runs the job and reports its end, `finished` or `failed`. Throws only what `tell` throws.
    public func run() throws {
        let ending: MediaMessage
        do {
            ending = .finished(try perform())
        } catch let verdict as Verdict {
            ending = .failed(verdict)
        } catch let error as FFmpegError {
            var verdict = Verdict(error)
            // With limits, those are hit first: the machine itself kills, and refuses nothing.
            if confine != nil, verdict.failure == .machineOutOfMemory { verdict.failure = .tooMuchMemory }
            ending = .failed(verdict)
        }
        try tell(ending)
    }

    private func perform() throws -> MediaOutcome? {
        try teller.enter(.probing)
        let equipment = Capabilities.report
        if request.task == .handshake {
            try tell(.equipped(equipment))
            return nil
        }
        if let shortcoming = equipment.shortcoming { throw Verdict(shortcoming, detail: "FFmpeg \(equipment.version)") }
        // What is only described needs no tables of the whole file.
        let unread = TrackJoins(tables: request.task == .probe ? TransportTables() : nil)
        var demuxer = try Demuxer(descriptor: files.source, joining: unread, tick: teller.step)
        if request.task == .probe {
            try tell(.probed(Prober.describe(demuxer)))
            return nil
        }
        if request.task == .scrub {
            try MetadataStripper(source: demuxer, output: files.output, limits: request.profile.limits, teller: teller).run()
            return nil
        }
        let analysis: MediaAnalysis
        do {
            analysis = try take(demuxer)
        } catch let late as LateStreamError {
            demuxer = try Demuxer(descriptor: files.source, joining: TrackJoins(reach: late.reach, tables: demuxer.joins.tables))
            analysis = try take(demuxer)
        }
        var info = analysis.info
        info.decodedPixels = analysis.picture.map { $0.width * $0.height }
        try tell(.probed(info))
        // With the same calculation as the daemon.
        try confine?(JobLimits(info, threads: request.threads, profile: request.profile))
        if request.task == .plan {
            try tell(.planned(Planner.plan(analysis, request).report))
            return nil
        }
        return try transcode(analysis, demuxer)
    }

    private func take(_ demuxer: Demuxer) throws -> MediaAnalysis {
        try MediaAnalyzer.take(demuxer, subject: request.subject, limits: request.profile.limits, tick: teller.step)
    }

    /// Plans and works; if the work contradicts the plan, plans and works again.
    private func transcode(_ analysis: MediaAnalysis, _ first: Demuxer) throws -> MediaOutcome {
        var source: Demuxer? = first
        var findings: Set<ReplanRequest.Finding> = []
        while true {
            let plan = Planner.plan(analysis, request, findings: findings)
            do {
                let demuxer = try source ?? reopen(plan)
                source = nil
                return try work(plan, analysis, demuxer)
            } catch let reconsideration as ReplanRequest {
                guard findings.insert(reconsideration.finding).inserted, findings.count <= Self.mostReconsiderations
                else {
                    throw Verdict(.notConvertible, detail: "\(reconsideration.finding)")
                }
                guard ftruncate(files.output, 0) == 0, ftruncate(files.poster, 0) == 0 else {
                    throw FFmpegError(call: "ftruncate", code: shim_error(errno))
                }
            }
        }
    }

    private func work(_ plan: Plan, _ analysis: MediaAnalysis, _ demuxer: Demuxer) throws -> MediaOutcome {
        try tell(.planned(plan.report))
        // Its codecs, which hold most of the memory, are freed with it.
        let result = try Transcode(plan, source: demuxer, files: files, request: request, teller: teller).run()
        var outcome = result.outcome
        if request.wantsPoster {
            let motif = PosterSource(plan: plan, analysis: analysis, source: files.source, profile: request.profile)
            let good = result.isPictureGood ? result.picture : nil
            if let picture = try good ?? motif.find(tick: teller.step) ?? result.picture ?? blank() {
                (outcome.posterWidth, outcome.posterHeight) = try Poster.write(
                    picture, request.profile.poster, to: files.poster)
            }
        }
        try teller.enter(.verifying)
        let verifier = Verifier(
            plan: plan, expected: outcome.duration, verification: request.profile.verify, tick: teller.step)
        guard outcome.isRewritten else {
            try verifier.check(kept: files.source)
            return outcome
        }
        if plan.sourcePlaysEverywhere, !result.isSourceDamaged, try size(of: files.output) >= demuxer.size,
            try verifier.isRight(source: files.source)
        {
            return try keep(outcome, plan)
        }
        try verifier.check(output: files.output)
        return outcome
    }

    /// A result larger than a source that plays anyway is useless, unless the source is damaged.
    private func keep(_ outcome: MediaOutcome, _ plan: Plan) throws -> MediaOutcome {
        var report = plan.report
        (report.output, report.outputSize) = (nil, nil)
        report.decisions.append(
            PlanDecision(action: "keep the file as it is", reason: "it plays everywhere, and the result is larger"))
        try tell(.planned(report))
        var kept = outcome
        kept.isRewritten = false
        (kept.fileExtension, kept.mime) = plan.keptName
        guard ftruncate(files.output, 0) == 0 else {
            throw FFmpegError(call: "ftruncate(output)", code: shim_error(errno))
        }
        return kept
    }

    private func size(of descriptor: CInt) throws(FFmpegError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FFmpegError(call: "fstat", code: shim_error(errno)) }
        return Int(status.st_size)
    }

    /// The packets that were read ahead are gone with the demuxer: a second pass starts at the file's beginning.
    private func reopen(_ plan: Plan) throws -> Demuxer {
        let demuxer = try Demuxer(descriptor: files.source, joining: plan.joins, tick: teller.step)
        try demuxer.select(plan.streams)
        return demuxer
    }

    /// A site shows a broken image for a video without a poster.
    private func blank() throws -> Frame? { request.subject == .video ? try Waveform().draw() : nil }
}

extension Verdict {
    /// Maps a failed call to the job's failure.
    init(_ error: FFmpegError) {
        let failure: Failure =
            switch error.code {
            case shim_error_no_memory: .machineOutOfMemory
            case shim_error_again: .noThreads
            case shim_error_no_space: .diskFull
            case shim_error_file_too_big: .resultTooLarge
            case shim_error_io: .diskError
            default: .unexpected
            }
        self.init(failure, detail: error.description)
    }
}
