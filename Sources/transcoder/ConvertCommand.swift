internal import ArgumentParser
internal import Execution
internal import Jobs
internal import MediaWire
internal import Observability
internal import Synchronization
internal import Verdicts
internal import WorkerConfiguration

struct ConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Convert a plain file, without a site or database.",
        discussion: """
            Writes to exactly the given names, as MP4 or M4A; an MP3 that plays everywhere stays MP3, unless the name is that of an MP4; the input is never overwritten. Exits with 1 if the conversion fails, and \
            with 75 if there is not enough disk space.

            Example: transcoder convert clip.mov -o clip.mp4 --poster clip.jpg
            """)

    @OptionGroup var options: ConfigOption
    @Argument(help: "The file to convert.", completion: .file())
    var input: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
    var output: String
    @Option(help: ArgumentHelp("Write a JPEG poster: a good frame, an audio file's cover, or its waveform.", valueName: "file"), completion: .file())
    var poster: String?
    @Option(help: ArgumentHelp("The profile to use from the configuration.", valueName: "name"))
    var profile: String?
    @Flag(help: "Overwrite existing files.")
    var force = false
    @Flag(help: "Print the result, or the failure, as JSON.")
    var json = false

    func validate() throws {
        guard output != "-", poster != "-" else {
            throw ValidationError("An MP4 cannot be written to standard output: its index goes in front when the rest is written. Pass a file's name.")
        }
        guard poster != output else { throw ValidationError("The output and the poster need different names.") }
    }

    func run() async throws {
        let work = try PlainFileWork(try Configuration.loadIfPresent(path: options.config), profile: profile)
        let progress = Mutex(JobProgress())
        let bar = ProgressBar { progress.withLock { $0.reading(label: input) } }
        bar.start()
        let result: PlainFileWork.Conversion
        do {
            result = try await Signals.guarding(stop: { work.stop() }) {
                try await work.convert(input, to: output, poster: poster, replacing: force) { step in
                    progress.withLock { $0.update(step) }
                }
            }
        } catch {
            await bar.stop()
            if json, let verdict = error as? Verdict { StandardStreams.print(try StandardStreams.json(FailureDocument(verdict))) }
            throw error
        }
        await bar.stop()
        let document = ConversionDocument(result, output: output, poster: poster)
        if json { return StandardStreams.print(try StandardStreams.json(document)) }
        StandardStreams.print(document.text)
        if let warning = document.warning { StandardStreams.complain(warning) }
        if poster != nil, !result.hasPoster { StandardStreams.complain("No poster was written: the file has nothing to extract one from.") }
    }
}
