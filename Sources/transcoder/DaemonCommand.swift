internal import ArgumentParser
internal import Daemon
internal import Execution
internal import Foundation
internal import Logging
internal import MediaWire
internal import WorkerConfiguration

struct DaemonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon", abstract: "Work on a site's files as they come.",
        discussion: """
            SIGTERM lets running jobs go on for the grace time and hands back the rest; a second one ends at once. \
            SIGHUP reads the configuration anew for the jobs to come.

            Ends with 0 whatever became of the files, 2 where it cannot work as it is configured, and 75 where the site or its \
            database is not there or out of reach at the start, or where all that waits, waits for room or for folders that are away.

            Examples:
              transcoder daemon
              transcoder daemon --until-idle    (from cron: does what waits, and ends)
            """)

    @OptionGroup var options: ConfigOption

    @Flag(help: "End when no file is waiting or in work; failures that are to be tried again are waited for.")
    var untilIdle = false

    func run() async throws {
        let path = options.config
        let loaded = try Configuration.load(path: path)
        // From now on, and not only once all is open: before, it would end us.
        let reloads = Reloads(await Signals.reloads()) { try Configuration.load(path: path) }
        let log = ServiceLog.logger(loaded.configuration)
        for warning in loaded.warnings { log.warning("\(warning)") }
        let sandbox = try await WorkerContext.checkMediaProgram(loaded.configuration)
        try await Service.run(
            loaded.configuration, untilIdle: untilIdle, stops: await Signals.serviceStops(), reloads: reloads, sandbox: sandbox,
            environment: ProcessInfo.processInfo.environment, log: log)
    }
}
