internal import Jobs
public import MediaProcess
public import MediaWire
internal import Objects
internal import Observability
internal import Platform
internal import Synchronization
internal import Verdicts
public import WorkerConfiguration

/// Probe, plan and convert of plain files, with the same child as for a site.
public final class PlainFileWork: Sendable {
    private let launcher: MediaChildLauncher
    private let profile: Profile
    private let stall: Duration
    /// Bytes.
    private let reserve: Int
    private let configuration: Configuration
    private let control = JobControl()
    private let thread: BlockingThread

    /// Throws a `ConfigurationError` if the media program or the profile is missing, and a `ThreadError`.
    public init(_ configuration: Configuration, profile name: String? = nil) throws {
        thread = try BlockingThread()
        launcher = try MediaChildLauncher.configured(configuration)
        let name = name ?? configuration.videoProfile
        guard let profile = configuration.profiles[name] else {
            let names = configuration.profiles.keys.sorted().joined(separator: ", ")
            throw ConfigurationError("Unknown profile “\(name)”: available are \(names).")
        }
        self.profile = profile
        self.configuration = configuration
        stall = configuration.stall
        reserve = configuration.reserve
    }

    /// Stops the running child.
    public func stop() { control.stop(.drained) }

    /// The streams of a file, and with `plan` how it would be converted. Throws a `Verdict` or an `ObjectError`.
    public func look(at path: String, plan: Bool) async throws -> MediaAnswer {
        let source = try await open(path)
        let request = MediaRequest(
            task: plan ? .plan : .probe, subject: .any, profile: profile, threads: 1,
            sourceExtension: FileExtension.of(path))
        let answer = try await perform(request, descriptors: [source.descriptor])
        return withExtendedLifetime(source) { answer }
    }

    /// The path of a file's result in a folder: with the file's own name, and the ending of what it becomes.
    public func path(of source: String, in folder: String) async throws -> String {
        let plan = try await look(at: source, plan: true).plan
        // A file that is right as it is keeps its ending.
        let ending = plan?.output ?? FileExtension.of(source) ?? "mp4"
        return "\(folder.hasSuffix("/") ? String(folder.dropLast()) : folder)/\(FileExtension.nameWithout(source)).\(ending)"
    }

    /// The result of a conversion.
    public struct Conversion: Sendable {
        public let answer: MediaAnswer
        public let outcome: MediaOutcome
        /// Bytes, of the source and of the result.
        public let sourceSize: Int64
        public let size: Int64
        /// In seconds.
        public let seconds: Double
        /// Whether a poster was requested and made.
        public let hasPoster: Bool
    }

    /// Writes exactly the given names, each atomically. Throws a `Verdict` or an `ObjectError`,
    /// `noRoom` if the output's disk lacks space for it beside the reserve.
    ///
    /// - Parameters:
    ///   - onProgress: called on a thread of the work.
    ///   - onWriting: then its result is written to the disk.
    public func convert(
        _ path: String, to output: String, poster: String?, replacing: Bool,
        onProgress: @escaping @Sendable (MediaProgress) -> Void, onWriting: @escaping @Sendable () -> Void
    ) async throws -> Conversion {
        let start = ContinuousClock.now
        let source = try await open(path)
        // Over itself, the one copy of what was filmed would be gone.
        for other in [output, poster].compactMap(\.self) where source.isSameFile(as: other) {
            throw ConfigurationError("“\(other)” is the file to convert: pass another name.")
        }
        let jobs = RunningJobs()
        let budget = try DiskBudget(jobs, reserve: reserve) { try FreeSpace.of(folder: output.parentFolder) }
        if let shortage = budget.shortage(of: 0, sourceSize: source.size, scrubs: false, in: await budget.freeSpace()) {
            throw shortage.verdict
        }
        // No site's file: its claim only names the path.
        let job = RunningJob(
            claim: Claim(fileID: 0, token: 0, path: path, attempt: 1), control: control,
            course: JobCourse(fileID: 0, fid: "", name: path, attempt: 1), work: 0,
            space: budget.space(for: 0, sourceSize: source.size, scrubs: false))
        jobs.begin(job)
        defer { jobs.end(job) }
        let (film, still) = try await thread.run {
            let film = try NamedOutput(path: output, replacing: replacing)
            // The work always has a file for the poster; it is discarded unless requested.
            let still = try NamedOutput(path: poster ?? output, replacing: poster == nil || replacing)
            return (film, still)
        }
        // Now, not when the last reference goes: the process may end before.
        defer {
            film.work.discard()
            still.work.discard()
        }
        // Before the work: one of the two would replace the other.
        guard poster == nil || !film.isSameName(as: still) else {
            throw ConfigurationError("The output and the poster need different names.")
        }
        let answer: MediaAnswer
        do {
            answer = try await transcode(
                source, film, still, wantsPoster: poster != nil, threads: Processors.count, budget, onProgress)
        } catch let verdict as Verdict where verdict.code.isFault {
            try await thread.run {
                try film.work.reset()
                try still.work.reset()
            }
            // Once more, with safer settings.
            answer = try await transcode(
                source, film, still, wantsPoster: poster != nil, threads: 1, budget, onProgress)
        }
        guard let outcome = answer.outcome else {
            throw Verdict(.protocolViolation, detail: "It ended without a result.")
        }
        let check = OutcomeCheck(
            outcome: outcome, subject: .any, limits: profile.limits, sourceEnding: outcome.isRewritten ? nil : outcome.fileExtension)
        let hasPoster = poster != nil && outcome.posterWidth != nil
        onWriting()
        let size = try await thread.run {
            try check.check(output: film.work, poster: still.work)
            // A file that needs no conversion is copied unchanged.
            if !outcome.isRewritten { try film.fill(from: source) }
            let size = try film.work.size()
            if hasPoster { try still.publish(replacing: replacing) }
            try film.publish(replacing: replacing)
            return size
        }
        return Conversion(
            answer: answer, outcome: outcome, sourceSize: source.size, size: size, seconds: (ContinuousClock.now - start) / .seconds(1),
            hasPoster: hasPoster)
    }

    private func transcode(
        _ source: SourceObject, _ film: NamedOutput, _ still: NamedOutput, wantsPoster: Bool, threads: Int,
        _ budget: DiskBudget, _ onProgress: @escaping @Sendable (MediaProgress) -> Void
    ) async throws -> MediaAnswer {
        // The given name promises a container: MP3 stays MP3 unless the name is that of an MP4.
        let takesMP3 = !["mp4", "m4v", "m4a"].contains(FileExtension.of(film.path) ?? "")
        let kept = ["mp4", "m4v", "m4a"] + (takesMP3 ? ["mp3"] : [])
        let name = FileExtension.of(source.path).flatMap { kept.contains($0) ? $0 : nil }
        let request = MediaRequest(
            task: .transcode, subject: .any, profile: profile, threads: threads, sourceExtension: name,
            wantsPoster: wantsPoster, takesMP3: takesMP3)
        let descriptors = [source.descriptor, film.work.descriptor, still.work.descriptor]
        return try await perform(request, descriptors: descriptors, budget, onProgress)
    }

    private func perform(
        _ request: MediaRequest, descriptors: [CInt], _ budget: DiskBudget? = nil,
        _ onProgress: @escaping @Sendable (MediaProgress) -> Void = { _ in }
    ) async throws -> MediaAnswer {
        let child = try await launcher.start()
        do {
            try control.adopt(child)
        } catch {
            launcher.discard(child)
            throw error
        }
        let (stall, control, output) = (stall, control, descriptors.dropFirst().first)
        do {
            return try await thread.run {
                try child.perform(request, descriptors: descriptors, stall: stall) {
                    if let shortage = budget?.look(at: 0, output: output) { control.stop(.noRoom(shortage)) }
                } onMessage: { message, _ in
                    if case .progress(let progress) = message { onProgress(progress) }
                    let shortage = budget?.hear(message, of: 0, limits: request.profile.limits)
                    if let shortage { control.stop(.noRoom(shortage)) }
                }
            }
        } catch let verdict as Verdict where verdict.code == .hostFault {
            // A failure of every file, such as an FFmpeg that is too old, does not pass by itself.
            if let fault = try await MediaProgram.handshake(configuration).fault { throw fault }
            throw verdict
        }
    }

    private func open(_ path: String) async throws -> SourceObject {
        let source = try await thread.run { try SourceObject.open(plainFile: path) }
        guard source.size > 0 else { throw Verdict(.emptyFile) }
        return source
    }
}
