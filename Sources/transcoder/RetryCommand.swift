internal import ArgumentParser
internal import Execution
internal import Site
internal import WorkerConfiguration

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Retry failed files, or one that waits for its next attempt, now.",
        discussion: """
            Resets the file's attempts and queues it for a daemon. --failed skips files that were cancelled by hand. Exits \
            with 1 if a file cannot be retried, and says why.

            --force also queues files again that have been running in the site's table for five minutes, though no transcoder \
            holds them: after a restore, or where another program has ended. Make sure that no other program works on them.

            Examples:
              transcoder retry 4711
              transcoder retry --failed
            """)

    @OptionGroup var options: ConfigOption
    @OptionGroup var files: FileIDs
    @Flag(help: "Retry all failed files, except cancelled ones.")
    var failed = false
    @Flag(help: "Also free files that are running, but held by no transcoder.")
    var force = false

    func validate() throws {
        guard files.all.isEmpty == failed else {
            throw ValidationError(failed ? "Pass either the ids of files or --failed, not both." : "Pass the ids of files, or --failed.")
        }
        guard !(failed && force) else { throw ValidationError("--force is for files whose ids are given.") }
    }

    func run() async throws {
        let configuration = try Configuration.load(path: options.config).configuration
        let site = try await WorkerContext.openSite(configuration)
        _ = try await site.prepare()
        guard failed else {
            try await files.all.tellEach { id in
                let result = try await site.retry(id, force: force)
                await site.invalidate([id], configuration)
                return result
            }
            return await site.close()
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
