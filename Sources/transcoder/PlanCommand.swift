internal import ArgumentParser
internal import Execution
internal import MediaProcess
internal import WorkerConfiguration

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show how a file would be converted, and why.",
        discussion: """
            Exits with 1 if the file cannot be converted, and says why.

            Example: transcoder plan clip.mov
            """)

    @OptionGroup var options: ConfigOption
    @Argument(help: "The file to examine.", completion: .file())
    var file: String
    @Option(help: ArgumentHelp("The profile to use from the configuration.", valueName: "name"))
    var profile: String?
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !file.isEmpty else { throw ValidationError("The file's name is empty.") }
    }

    func run() async throws {
        let configuration = try Configuration.loadIfPresent(path: options.config)
        let work = try PlainFileWork(configuration, profile: profile)
        let speaker = PlainFileSpeaker(configuration, json: json)
        try await speaker.telling(of: file) {
            let answer = try await Signals.guarding(stop: { work.stop() }) { try await work.look(at: file, plan: true) }
            guard let plan = answer.plan else { throw ExitStatus.failed }
            let document = PlanDocument(plan, answer.info, in: speaker.language)
            if json { try speaker.print(document) } else { StandardStreams.print(document.text) }
        }
    }
}
