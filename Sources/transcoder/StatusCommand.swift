internal import ArgumentParser
internal import Foundation
internal import MediaWire
internal import Observability
internal import Platform
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
        let report = try first(configuration)
        guard watch else {
            if json { StandardStreams.print(try report.json(pretty: true)) } else { tell(report) }
            if report.isFault { throw ExitStatus.daemonDied }
            return
        }
        guard !json, StandardStreams.outputIsTerminal else { return try await follow(configuration) }
        try await AlternateScreen.show(every: .milliseconds(500)) { size in
            // systemd removes the file's folder while the service is stopped.
            guard let report = try StatusReport.read(path: configuration.statusFile) else {
                return Array(Self.absence(configuration).wrapped(terminalWidth: size.columns).prefix(size.rows))
            }
            return StatusTable(report, now: Date(), width: size.columns).lines(rows: size.rows).map(PlainText.line)
        }
    }

    /// Each change, for whoever reads a pipe.
    private func follow(_ configuration: Configuration) async throws {
        var last: Data?
        while true {
            if let report = try StatusReport.read(path: configuration.statusFile) {
                let data = try report.json(pretty: false)
                if data != last {
                    last = data
                    if json { StandardStreams.print(data) } else { tell(report) }
                }
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func first(_ configuration: Configuration) throws -> StatusReport {
        guard let report = try StatusReport.read(path: configuration.statusFile) else {
            StandardStreams.complain(Self.absence(configuration))
            throw ExitStatus.failed
        }
        return report
    }

    private static func absence(_ configuration: Configuration) -> String {
        "No daemon has written a status to \(configuration.statusFile). “systemctl status transcoder” shows whether one is running; "
            + "for another site, pass its configuration with --config."
    }

    private func tell(_ report: StatusReport) {
        StandardStreams.print(StatusTable(report, now: Date(), width: StandardStreams.width).text)
    }
}
