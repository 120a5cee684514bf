internal import ArgumentParser
internal import Execution
internal import Observability
internal import Site
internal import WorkerConfiguration
internal import Verdicts

struct RunCommand: AsyncParsableCommand {
    private static let tables = ["posts", "comments", "conversations", "conversation_messages"]

    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Transcode one file, or one post's files, now.",
        discussion: """
            Exits with 0 if all files are done, with 1 if a file failed or cannot be transcoded, and with 75 if it should be retried \
            later: no disk space, or another worker has it.

            Examples:
              transcoder run --id 4711
              transcoder run --table posts --primary-id 12 --force
            """)

    @OptionGroup var options: ConfigOption
    @Option(help: "The file's id.")
    var id: Int64?
    @Option(help: "The file's fid.")
    var fid: String?
    @Option(
        help: "posts, comments, conversations or conversation_messages.",
        completion: .list(tables),
        transform: { text in
            guard tables.contains(text) else {
                throw ValidationError("Unknown table “\(text)”: use one of \(tables.joined(separator: ", ")).")
            }
            return text
        })
    var table: String?
    @Option(help: "The id of the row in that table.")
    var primaryId: Int64?
    @Flag(help: "Transcode again from the original, even if the file is done or failed.")
    var force = false

    func validate() throws {
        let ways = [id != nil, fid != nil, table != nil || primaryId != nil].count { $0 }
        guard ways == 1, (table == nil) == (primaryId == nil) else {
            throw ValidationError("Pass --id, --fid, or --table with --primary-id.")
        }
    }

    func run() async throws {
        let configuration = try Configuration.load(path: options.config).configuration
        try await WorkerContext.checkMediaProgram(configuration)
        let context = try await WorkerContext.open(configuration, log: ServiceLog.quiet(configuration))
        let board = context.board()
        let work = ForegroundRun(context, board: board)
        var code: ExitCode?
        for file in try await files(of: context.site) {
            let bar = ProgressBar { Self.reading(board, file.name) }
            bar.start()
            let outcome = try await Signals.guarding(stop: { work.stop() }) { try await work.run(file, force: force) }
            await bar.stop()
            let ending = tell(outcome, of: file, in: await context.site.wording())
            // A failure takes precedence over “later”.
            if let ending, code != ExitStatus.failed { code = ending }
            if Signals.wasStopped { break }
        }
        await context.site.close()
        if let code { throw code }
    }

    private func files(of site: Site) async throws -> [MediaFile] {
        if let table, let primaryId {
            let files = try await site.files(attachedTo: table, primaryID: primaryId)
            if files.isEmpty { StandardStreams.complain("No video or audio file is attached to row \(primaryId) of \(table).") }
            guard !files.isEmpty else { throw ExitStatus.failed }
            return files
        }
        return [try await site.file(id: id, fid: fid)]
    }

    private func tell(_ outcome: ForegroundRun.Outcome, of file: MediaFile, in language: Language) -> ExitCode? {
        let name = "File \(file.id) (\(file.fid))"
        switch outcome {
        case .alreadyDone:
            StandardStreams.print("\(name) is already done; --force transcodes it again.")
            return nil
        case .done(let result):
            let remark = result.remarks.text(in: language).map { " \($0)" } ?? ""
            StandardStreams.print("\(name) is done: \(result.newPath ?? "no conversion was needed").\(remark)")
            return nil
        case .failed(let reason):
            StandardStreams.complain("\(name) failed: \(reason)")
            return ExitStatus.failed
        case .refused(let reason):
            StandardStreams.complain(reason)
            return ExitStatus.failed
        case .later(let reason):
            StandardStreams.complain("\(name) is not done: \(reason)")
            return ExitStatus.later
        }
    }

    private static func reading(_ board: StatusBoard, _ name: String) -> ProgressBar.Reading? {
        guard let job = board.status().running.first else { return nil }
        return ProgressBar.Reading(
            label: name, phase: job.phase.activity, percent: job.percent, speed: job.speed,
            left: job.secondsLeft.map { Quantity.clock(seconds: $0) })
    }
}

extension Site {
    /// Ends the program with a message if there is no such file.
    func file(id: Int64?, fid: String?) async throws -> MediaFile {
        if let id, let file = try await file(id: id) { return file }
        if let fid, let file = try await file(fid: fid) { return file }
        StandardStreams.complain("There is no file with the \(id.map { "id \($0)" } ?? "fid \(fid ?? "")").")
        throw ExitStatus.failed
    }
}
