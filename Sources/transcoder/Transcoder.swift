internal import ArgumentParser
internal import Platform
internal import Verdicts
internal import WorkerConfiguration

/// The command line. Parsing and exit codes are here; each command has its own file.
@main
struct Transcoder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcoder",
        abstract: "Transcodes the video and audio of a Fresns site so that it plays everywhere.",
        discussion: """
            Exit codes: 0 success; 1 failure; 2 usage or configuration error; 3 the daemon died (status); 75 try again later.

            Examples:
              transcoder init --site /var/www/fresns
              transcoder daemon
            """,
        version: Version.current,
        subcommands: [
            InitCommand.self, DaemonCommand.self, RunCommand.self, StatusCommand.self, JobsCommand.self, RetryCommand.self,
            CancelCommand.self, InfoCommand.self, FetchCommand.self,
            ProbeCommand.self, PlanCommand.self, ConvertCommand.self, DoctorCommand.self,
        ])

    static func main() async {
        StandardStreams.prepare()
        do {
            try Usage.check(Array(CommandLine.arguments.dropFirst()))
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            Signals.endAsReceived()
        } catch {
            let isStop = (error as? Verdict)?.failure == .drained || error is ExitCode
            if Signals.wasStopped, !isStop { StandardStreams.complain(ExitStatus.sentence(error)) }
            Signals.endAsReceived()
            ExitStatus.end(error)
        }
    }
}

struct ConfigOption: ParsableArguments {
    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp("The configuration file (default: \(Configuration.defaultPath)).", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?
}
