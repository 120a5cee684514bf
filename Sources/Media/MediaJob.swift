internal import CFFmpeg
internal import CFFmpegShims
public import MediaWire

/// The one job of a media child, from an open source to a finished output. Synchronous: runs on the calling thread.
public struct MediaJob {
    /// Open files; they stay the caller's.
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

    private let request: MediaRequest
    private let files: Files
    private let tell: (MediaMessage) throws -> Void

    /// - Parameter tell: takes each message as it comes; what it throws ends the job.
    public init(_ request: MediaRequest, files: Files, tell: @escaping (MediaMessage) throws -> Void) {
        self.request = request
        self.files = files
        self.tell = tell
    }

    /// Does the job and tells its end, `finished` or `failed`. Throws only what `tell` throws.
    public func run() throws {
        let ending: MediaMessage
        do {
            ending = .finished(try perform())
        } catch let failure as MediaFailure {
            ending = .failed(failure)
        } catch let error as FFmpegError {
            ending = .failed(MediaFailure(error))
        }
        try tell(ending)
    }

    private func perform() throws -> MediaOutcome? {
        try tell(.progress(MediaProgress()))
        let demuxer = try Demuxer(descriptor: files.source)
        if request.task == .probe {
            try tell(.probed(Prober.describe(demuxer)))
            return nil
        }
        let survey = try Surveyor.take(demuxer, subject: request.subject, limits: request.profile.limits)
        let plan = Planner.plan(survey, profile: request.profile, subject: request.subject)
        try tell(.probed(survey.info))
        try tell(.planned(plan.report))
        guard request.task == .transcode else { return nil }
        var transcode = try Transcode(plan, source: demuxer, output: files.output, request: request, tell: tell)
        let result = try transcode.run()
        var outcome = result.outcome
        if let best = result.picture, let picture = plan.picture {
            let size = try Poster.write(
                best, width: picture.posterWidth, height: picture.posterHeight,
                quantiser: request.profile.poster.quantiser, to: files.poster)
            (outcome.posterWidth, outcome.posterHeight) = (size.width, size.height)
        }
        try Verifier(plan: plan, expected: outcome.duration, verification: request.profile.verify, tell: tell)
            .check(output: files.output)
        return outcome
    }
}

extension MediaFailure {
    /// What a failed call means for the job.
    init(_ error: FFmpegError) {
        switch error.code {
        case shim_error_no_memory:
            self.init(.outOfMemory, "There was not enough memory to convert the file.", detail: error.description)
        case shim_error_no_space:
            self.init(.diskFull, "There was no room left on the disk.", detail: error.description)
        case shim_error_file_too_big:
            self.init(.overOutputSize, "The result would be larger than is allowed.", detail: error.description)
        case shim_error_io:
            self.init(.io, "The disk could not be read or written.", detail: error.description)
        default:
            self.init(.internalError, "The file could not be converted (\(error.call)).", detail: error.description)
        }
    }
}
