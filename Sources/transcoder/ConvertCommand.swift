internal import ArgumentParser
internal import Execution
internal import Jobs
internal import MediaWire
internal import Observability
internal import Synchronization
internal import WorkerConfiguration

struct ConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Convert plain files, without a site or database.",
        discussion: """
            Writes to exactly the given name, as MP4 or M4A; an MP3 that plays everywhere stays MP3, unless the name is that of an MP4. Into \
            a folder, each file keeps its name and gets the ending of what it becomes. The input is never overwritten. Exits with 1 if a \
            conversion fails (the others go on), and with 75 if there is not enough disk space for the only file.

            Examples:
              transcoder convert clip.mov -o clip.mp4 --poster clip.jpg
              transcoder convert *.mov -o converted/
            """)

    @OptionGroup var options: ConfigOption
    @Argument(help: "The file to convert, or several.", completion: .file())
    var inputs: [String]
    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write, or for several the folder to write to.", valueName: "file"), completion: .file())
    var output: String
    @Option(help: ArgumentHelp("Write a JPEG poster: a good frame, an audio file's cover, or its waveform.", valueName: "file"), completion: .file())
    var poster: String?
    @Option(help: ArgumentHelp("The profile to use from the configuration.", valueName: "name"))
    var profile: String?
    @Flag(help: "Overwrite existing files.")
    var force = false
    @Flag(help: "Print the result, or the failure, as JSON; of several files one line each.")
    var json = false

    func validate() throws {
        guard output != "-", poster != "-" else {
            throw ValidationError("An MP4 cannot be written to standard output: its index goes in front when the rest is written. Pass a file's name.")
        }
        guard !output.isEmpty, poster?.isEmpty != true, !inputs.contains("") else { throw ValidationError("A file's name is empty.") }
        guard poster != output else { throw ValidationError("The output and the poster need different names.") }
        guard poster == nil || inputs.count == 1 else { throw ValidationError("--poster names one file: convert one file at a time with it.") }
    }

    func run() async throws {
        let configuration = try Configuration.loadIfPresent(path: options.config)
        let work = try PlainFileWork(configuration, profile: profile)
        let folder = try OutputFolder(output, for: inputs)
        let speaker = PlainFileSpeaker(configuration, json: json, isOneOfSeveral: inputs.count > 1)
        try await Signals.guarding(stop: { work.stop() }) {
            var haveFailed = false
            for (index, input) in inputs.enumerated() where !Signals.wasStopped {
                do {
                    try await speaker.telling(of: input) {
                        try await convert(input, work, folder, speaker, label: inputs.count > 1 ? "\(index + 1)/\(inputs.count) \(input)" : input)
                    }
                } catch where inputs.count > 1 && !Signals.wasStopped {
                    haveFailed = true
                }
            }
            if haveFailed { throw ExitStatus.failed }
        }
    }

    private func convert(
        _ input: String, _ work: PlainFileWork, _ folder: OutputFolder?, _ speaker: PlainFileSpeaker, label: String
    ) async throws {
        let progress = Mutex(JobProgress())
        let bar = ProgressBar { progress.withLock { $0.reading(label: label) } }
        bar.start()
        let output: String
        let result: PlainFileWork.Conversion
        do {
            output = if let folder { try await work.path(of: input, in: folder.path) } else { self.output }
            result = try await work.convert(input, to: output, poster: poster, replacing: force) { step in
                progress.withLock { $0.update(step) }
            } onWriting: {
                progress.withLock { $0.enter(.publishing) }
            }
        } catch {
            await bar.stop()
            throw error
        }
        await bar.stop()
        let document = ConversionDocument(result, input: input, output: output, poster: poster, in: speaker.language)
        if json { return try speaker.print(document) }
        StandardStreams.print(document.text)
        if let warning = document.warning { StandardStreams.complain(warning) }
        if poster != nil, !result.hasPoster { StandardStreams.complain("No poster was written: the file has nothing to extract one from.") }
    }
}
