internal import ArgumentParser
internal import Configuration
internal import Execution
internal import Site

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Give up a file that waits or is in work, on whichever host.",
        discussion: """
            What was made of it is discarded, and its post goes on playing what was uploaded. `transcoder retry --id` takes it \
            back. Ends with 1 where there is nothing to give up, and says why.

            Example: transcoder cancel --id 4711
            """)

    @OptionGroup var options: ConfigOption
    @Option(help: "The file's id.")
    var id: Int64

    func run() async throws {
        let configuration = try Configuration.load(path: options.config).configuration
        let site = try await Workshop.openSite(configuration)
        _ = try await site.prepare()
        let result = try await site.cancel(id)
        await site.freshen([id], configuration)
        await site.close()
        try result.tell()
    }
}
