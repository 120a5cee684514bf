internal import ArgumentParser
internal import Execution
internal import Foundation
internal import Objects
internal import Platform
internal import Observability
internal import SourceCache
internal import Synchronization
internal import WorkerConfiguration

struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Fetch a file's source, or an address, through this host's cache.",
        discussion: """
            Says whether it came from the cache. Only http and https; addresses that are not public are refused, unless \
            storage.allowed_hosts names the host. A download that breaks continues the next time. Exits with 1 if the source \
            cannot be fetched.

            Examples:
              transcoder fetch 4711 -o original.mov
              transcoder fetch https://example.com/clip.mp4 --json
            """)

    @OptionGroup var options: ConfigOption
    @Argument(help: "An http or https address, or a file's id.")
    var address: String?
    @Option(help: "The file's id.")
    var id: Int64?
    @Option(name: .shortAndLong, help: ArgumentHelp("Write a copy to this file.", valueName: "file"), completion: .file())
    var output: String?
    @Flag(help: "Overwrite an existing file.")
    var force = false
    @Flag(help: "Print the result, or the failure, as JSON.")
    var json = false

    func validate() throws {
        guard (address == nil) != (id == nil) else { throw ValidationError("Pass one address, or the id of one file.") }
    }

    private var subject: SourceFetch.Subject {
        if let id = id ?? address.flatMap({ Int64($0) }) { return .file(id) }
        return .url(address ?? "")
    }

    func run() async throws {
        let configuration = try Configuration.loadIfPresent(path: options.config)
        let label = address ?? id.map(String.init) ?? ""
        let speaker = PlainFileSpeaker(configuration, json: json)
        // Before the work, so that a name that is taken costs no download.
        let target = try output.map { try NamedOutput(path: $0, replacing: force) }
        let progress = Mutex(CacheProgress(done: 0)), isStopped = Mutex(false)
        let bar = ProgressBar { progress.withLock { $0.reading(label: label) } }
        try await Signals.guarding(stop: { isStopped.withLock { $0 = true } }) {
            try await speaker.telling(of: label) {
                bar.start()
                let source: CachedSource
                do {
                    source = try await SourceFetch(configuration)(subject) { step in
                        progress.withLock { $0 = step }
                        return !isStopped.withLock(\.self)
                    }
                } catch {
                    await bar.stop()
                    throw error
                }
                await bar.stop()
                if let target {
                    try target.fill(from: source.descriptor)
                    try target.publish(replacing: force)
                }
                let document = FetchDocument(source, output: output)
                if json { return try speaker.print(document) }
                StandardStreams.print(document.text)
            }
        }
    }
}

/// What `fetch --json` prints (docs/storage.md).
struct FetchDocument: Encodable {
    let size: Int64
    let sha256: String
    /// fetched, revalidated, fresh, stale or stale-after-error.
    let source: String
    let output: String?

    init(_ source: CachedSource, output: String?) {
        size = source.length
        sha256 = source.sha256
        self.source = source.how.rawValue
        self.output = output
    }

    var text: String {
        let how =
            switch source {
            case "fetched": "Fetched"
            case "revalidated": "From the cache (the server has the same)"
            case "stale-after-error": "From the cache (the server could not be asked)"
            default: "From the cache"
            }
        return "\(how): \(ByteSize.text(size)), SHA-256 \(sha256)" + (output.map { ", written to \($0)" } ?? "")
    }
}

extension CacheProgress {
    fileprivate func reading(label: String) -> ProgressBar.Reading {
        ProgressBar.Reading(
            label: label, phase: "fetching \(ByteSize.text(done))", percent: whole.map { $0 > 0 ? Double(done) / Double($0) * 100 : 100 }, speed: nil,
            left: nil)
    }
}
