internal import ArgumentParser
internal import Execution
internal import MediaProcess
internal import WorkerConfiguration

struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Show the streams of a media file.",
        discussion: """
            Exits with 1 if the file is not media or cannot be read, and says why.

            Example: transcoder probe clip.mov --json
            """)

    @OptionGroup var options: ConfigOption
    @Argument(help: "The file to examine.", completion: .file())
    var file: String
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !file.isEmpty else { throw ValidationError("The file's name is empty.") }
    }

    func run() async throws {
        let configuration = try Configuration.loadIfPresent(path: options.config)
        let work = try PlainFileWork(configuration)
        let speaker = PlainFileSpeaker(configuration, json: json)
        try await speaker.telling(of: file) {
            let answer = try await Signals.guarding(stop: { work.stop() }) { try await work.look(at: file, plan: false) }
            guard let info = answer.info else { throw ExitStatus.failed }
            let media = MediaDocument(info)
            if json { try speaker.print(media) } else { StandardStreams.print(media.text) }
        }
    }
}
