internal import ArgumentParser
internal import Foundation
internal import Observability
internal import WorkerConfiguration

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what the daemons on this host are doing.",
        discussion: """
            Exits with 1 if no daemon has written a status, and with 3 if the last one died, or writes nothing any more.

            Examples:
              transcoder status --watch
              transcoder status --json | jq '.running[].percent'
            """)

    @OptionGroup var options: ConfigOption
    @Flag(help: "Keep updating until interrupted.")
    var watch = false
    @Flag(help: "Print JSON (docs/status.schema.json); with --watch, one line per change.")
    var json = false

    func run() async throws {
        let configuration = try Configuration.loadIfPresent(path: options.config)
        guard watch else {
            let report = try read(configuration)
            try show(report)
            if report.isFault { throw ExitStatus.daemonDied }
            return
        }
        var last: Data?
        while !Task.isCancelled {
            let report = try read(configuration)
            let data = try report.json(pretty: false)
            if data != last {
                last = data
                if json { StandardStreams.print(data) } else { try show(report) }
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func read(_ configuration: Configuration) throws -> StatusReport {
        guard let report = try StatusReport.read(path: configuration.statusFile) else {
            StandardStreams.complain(
                "No daemon has written a status to \(configuration.statusFile). “systemctl status transcoder” shows whether one is running; "
                    + "for another site, pass its configuration with --config.")
            throw ExitStatus.failed
        }
        return report
    }

    private func show(_ report: StatusReport) throws {
        if json { return StandardStreams.print(try report.json(pretty: true)) }
        if watch && StandardStreams.outputIsTerminal { StandardStreams.print(Data("\u{1B}[H\u{1B}[J".utf8)) }
        StandardStreams.print(StatusTable(report, now: Date(), width: StandardStreams.width ?? 110).text)
    }
}
