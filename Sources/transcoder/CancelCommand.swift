internal import ArgumentParser
internal import Execution
internal import Objects
internal import Site
internal import WorkerConfiguration

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Give up a file that waits or is in work, on whichever host.",
        discussion: """
            What was made of it is discarded, and its post goes on playing what was uploaded. `transcoder retry --id` takes it \
            back. Ends with 1 where there is nothing to give up, and says why.

            --folder is for a folder of the storage that somebody removed for good: all files that wait in it are given up as \
            source-missing, and `transcoder retry --failed` takes them back. It must be missing, or empty.

            Examples:
              transcoder cancel --id 4711
              transcoder cancel --folder videos/posts/202511
            """)

    @OptionGroup var options: ConfigOption
    @Option(help: "The file's id.")
    var id: Int64?
    @Option(help: "A folder of the storage that is gone for good, as in files.path.")
    var folder: String?

    func validate() throws {
        guard (id != nil) != (folder != nil) else { throw ValidationError("Name the file by --id, or a folder by --folder.") }
    }

    func run() async throws {
        let configuration = try Configuration.load(path: options.config).configuration
        let site = try await WorkerContext.openSite(configuration)
        _ = try await site.prepare()
        guard let id else { return try await giveUp(folder ?? "", on: site, configuration) }
        let result = try await site.cancel(id)
        await site.invalidate([id], configuration)
        await site.close()
        try result.tell()
    }

    private func giveUp(_ name: String, on site: Site, _ configuration: Configuration) async throws {
        let disk = try LocalDisk(root: site.settings.storageRoot)
        let folder = disk.relative(name)
        guard !folder.isEmpty else {
            Streams.complain("That is no folder beneath the storage, \(disk.root).")
            throw Ending.failed
        }
        guard try disk.isAway("\(disk.root)/\(folder)") else {
            Streams.complain("The folder \(disk.root)/\(folder) is there, and not empty: nothing is given up.")
            throw Ending.failed
        }
        // Where all of a disk is away, nobody knows what is gone.
        let parent = ([disk.root] + folder.split(separator: "/").dropLast().map(String.init)).joined(separator: "/")
        guard try !disk.isAway(parent), try !disk.isEmpty else {
            Streams.complain("The folder \(parent) is missing or empty, too: is its disk mounted? If that is gone, name it.")
            throw Ending.failed
        }
        let files = try await site.giveUp(beneath: folder)
        await site.invalidate(files, configuration)
        await site.close()
        for notice in site.notices { Streams.complain(notice) }
        Streams.print(files.count == 1 ? "1 file is given up." : "\(files.count) files are given up.")
    }
}
