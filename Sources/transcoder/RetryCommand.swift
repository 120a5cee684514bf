internal import ArgumentParser
internal import Execution
internal import Site
internal import WorkerConfiguration

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Let what has failed be done again, or what waits for its next try be done now.",
        discussion: """
            The file's tries are forgotten; a daemon takes it up. --failed leaves alone what was cancelled by hand. Ends \
            with 1 where the file is none of those, and says why.

            Examples:
              transcoder retry --id 4711
              transcoder retry --failed
            """)

    @OptionGroup var options: ConfigOption
    @Option(help: "The file's id.")
    var id: Int64?
    @Flag(help: "All that has failed and was not cancelled.")
    var failed = false

    func validate() throws {
        guard (id != nil) != failed else { throw ValidationError("Name the file by --id, or say --failed.") }
    }

    func run() async throws {
        let configuration = try Configuration.load(path: options.config).configuration
        let site = try await WorkerContext.openSite(configuration)
        _ = try await site.prepare()
        if let id {
            let result = try await site.retry(id)
            await site.invalidate([id], configuration)
            await site.close()
            return try result.tell()
        }
        let files = try await site.retryFailed()
        await site.invalidate(files, configuration)
        await site.close()
        switch files.count {
        case 0: Streams.print("Nothing has failed.")
        case 1: Streams.print("File \(files[0]) waits to be done again.")
        case let count: Streams.print("\(count) files wait to be done again.")
        }
    }
}

extension Site {
    /// Lets readers see what was just written; what fails is left to a daemon.
    func invalidate(_ files: [Int64], _ configuration: Configuration) async {
        let cache = SiteCache(site: self, log: ServiceLog.quiet(configuration))
        for file in files { await cache.invalidate(file, command: configuration.cacheCommand) }
    }
}

extension ManualResult {
    /// Ends the program where nothing was done.
    func tell() throws {
        switch self {
        case .obeyed(let sentence): Streams.print(sentence)
        case .refused(let sentence):
            Streams.complain(sentence)
            throw Ending.failed
        }
    }
}
