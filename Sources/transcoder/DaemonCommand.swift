internal import ArgumentParser
internal import Daemon
internal import Execution
internal import Foundation
internal import Logging
internal import MediaWire
internal import WorkerConfiguration

struct DaemonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon", abstract: "Transcode a site's files as they are uploaded.",
        discussion: """
            On SIGTERM, running jobs may finish within the grace period; the rest return to the queue. A second SIGTERM stops immediately. \
            SIGHUP reloads the configuration for new jobs.

            Exits with 0 even if files failed, with 2 if the configuration is unusable, and with 75 if the site or its \
            database is missing or unreachable at startup, or if every queued file waits for disk space or missing folders.

            Examples:
              transcoder daemon
              transcoder daemon --until-idle    (from cron: process the queue, then exit)
            """)

    @OptionGroup var options: ConfigOption

    @Flag(help: "Exit when the queue is empty and no file is running; pending retries are waited for.")
    var untilIdle = false

    func run() async throws {
        let path = options.config
        let loaded = try Configuration.load(path: path)
        // Trap SIGHUP before anything opens: untrapped, it would kill the process.
        let reloads = Reloads(await Signals.reloads()) { try Configuration.load(path: path) }
        let log = ServiceLog.logger(loaded.configuration)
        for warning in loaded.warnings { log.warning("\(warning)") }
        let sandbox = try await WorkerContext.checkMediaProgram(loaded.configuration)
        try await Service.run(
            loaded.configuration, untilIdle: untilIdle, stops: await Signals.serviceStops(), reloads: reloads, sandbox: sandbox,
            environment: ProcessInfo.processInfo.environment, log: log)
    }
}
