internal import ArgumentParser
internal import Execution
internal import Site
internal import WorkerConfiguration

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Retry failed files, or one that waits for its next attempt, now.",
        discussion: """
            Resets the file's attempts and queues it for a daemon. --failed skips files that were cancelled by hand. Exits \
            with 1 if the file cannot be retried, and says why.

            Examples:
              transcoder retry --id 4711
              transcoder retry --failed
            """)

    @OptionGroup var options: ConfigOption
    @Option(help: "The file's id.")
    var id: Int64?
    @Flag(help: "Retry all failed files, except cancelled ones.")
    var failed = false

    func validate() throws {
        guard (id != nil) != failed else { throw ValidationError("Pass either --id or --failed.") }
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
        case 0: StandardStreams.print("No failed files.")
        case 1: StandardStreams.print("File \(files[0]) is queued again.")
        case let count: StandardStreams.print("\(count) files are queued again.")
        }
    }
}

extension Site {
    /// Clears the cache so that visitors see the change; a daemon retries failures.
    func invalidate(_ files: [Int64], _ configuration: Configuration) async {
        let cache = SiteCache(site: self, log: ServiceLog.quiet(configuration))
        for file in files { await cache.invalidate(file, command: configuration.cacheCommand) }
    }
}

extension ManualResult {
    /// Ends the program if nothing was done.
    func tell() throws {
        switch self {
        case .obeyed(let sentence): StandardStreams.print(sentence)
        case .refused(let sentence):
            StandardStreams.complain(sentence)
            throw ExitStatus.failed
        }
    }
}
