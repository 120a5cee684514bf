internal import ArgumentParser
internal import Execution
internal import Objects
internal import Site
internal import WorkerConfiguration

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel a waiting or running file, on any host.",
        discussion: """
            Discards partial output; the post keeps playing the uploaded file. `transcoder retry` puts the file \
            back in the queue. Exits with 1 if there is nothing to cancel, and says why.

            --folder is for a storage folder that was removed for good: all files waiting in it fail as \
            source-missing, and `transcoder retry --failed` queues them again. The folder must be missing or empty.

            Examples:
              transcoder cancel 4711 4712
              transcoder cancel --folder videos/posts/202511
            """)

    @OptionGroup var options: ConfigOption
    @OptionGroup var files: FileIDs
    @Option(help: "A storage folder that is gone for good, relative as in files.path.")
    var folder: String?

    func validate() throws {
        guard files.all.isEmpty == (folder != nil) else {
            throw ValidationError(folder == nil ? "Pass the ids of files, or --folder." : "Pass either the ids of files or --folder, not both.")
        }
    }

    func run() async throws {
        let configuration = try Configuration.load(path: options.config).configuration
        let site = try await WorkerContext.openSite(configuration)
        _ = try await site.prepare()
        if let folder { return try await giveUp(folder, on: site, configuration) }
        try await files.all.tellEach { id in
            let result = try await site.cancel(id)
            await site.invalidate([id], configuration)
            return result
        }
        await site.close()
    }

    private func giveUp(_ name: String, on site: Site, _ configuration: Configuration) async throws {
        let disk = try LocalDisk(root: site.settings.storageRoot)
        let folder = disk.relative(name)
        guard !folder.isEmpty else {
            StandardStreams.complain("This is not a folder in the storage, \(disk.root).")
            throw ExitStatus.failed
        }
        guard try disk.isAway("\(disk.root)/\(folder)") else {
            StandardStreams.complain("The folder \(disk.root)/\(folder) exists and is not empty: nothing was cancelled.")
            throw ExitStatus.failed
        }
        // If the whole disk is unmounted, nothing says which folders are gone.
        let parent = ([disk.root] + folder.split(separator: "/").dropLast().map(String.init)).joined(separator: "/")
        guard try !disk.isAway(parent), try !disk.isEmpty else {
            StandardStreams.complain("The folder \(parent) is missing or empty, too: is its disk mounted? If that folder is gone, pass it instead.")
            throw ExitStatus.failed
        }
        let files = try await site.giveUp(beneath: folder)
        await site.invalidate(files, configuration)
        await site.close()
        for notice in site.notices { StandardStreams.complain(notice) }
        StandardStreams.print(files.count == 1 ? "Marked 1 file as failed." : "Marked \(files.count) files as failed.")
    }
}
