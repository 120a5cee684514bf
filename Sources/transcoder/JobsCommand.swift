internal import ArgumentParser
internal import Execution
internal import Foundation
internal import Site
internal import WorkerConfiguration

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "List running, waiting, failed and finished jobs.",
        discussion: """
            Waiting jobs include files that never started and files waiting for their next attempt. Each state lists the \
            latest first. Exits with 0 even if there are no jobs.

            Examples:
              transcoder jobs
              transcoder jobs 4711
              transcoder jobs --failed --limit 200
              transcoder jobs --state waiting --json | jq '.jobs[] | select(.next_at)'
            """)

    @OptionGroup var options: ConfigOption
    @Option(
        help: "Show only this state: running, waiting, failed, cancelled or done.",
        completion: .list(ListedJob.State.allCases.map(\.rawValue)),
        transform: { text in
            guard let state = ListedJob.State(rawValue: text) else {
                throw ValidationError("Unknown state “\(text)”: use running, waiting, failed, cancelled or done.")
            }
            return state
        })
    var state: ListedJob.State?
    @Flag(help: "Show only failed jobs.")
    var failed = false
    @Argument(help: "The id of one file: shows everything about it: attempts, reason, cause, times, original and result.")
    var file: Int64?
    @Option(help: "The same.")
    var id: Int64?
    @Option(help: "Show at most this many jobs, from 1 to 10000.")
    var limit = 50
    @Flag(help: "Print JSON (docs/json.md).")
    var json = false

    func validate() throws {
        guard [state != nil, failed, file != nil, id != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("Pass one of --state, --failed and the id of one file.")
        }
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be a number from 1 to 10000.") }
    }

    func run() async throws {
        let configuration = try Configuration.load(path: options.config).configuration
        let site = try await WorkerContext.openSite(configuration)
        _ = try await site.prepare()
        if let id = file ?? id { return try await show(id, of: site) }
        var (jobs, more): ([ListedJob], Int) = ([], 0)
        for state in failed ? [.failed] : state.map({ [$0] }) ?? ListedJob.State.allCases {
            let listed = try await site.list(state, limit: max(1, limit - jobs.count), since: configuration.since)
            let kept = listed.prefix(limit - jobs.count)
            jobs += kept
            // Only a list that is full can have more.
            if kept.count < listed.count || jobs.count == limit { more += try await site.count(state, since: configuration.since) - kept.count }
        }
        await site.close()
        for notice in site.notices { StandardStreams.complain(notice) }
        if json { return StandardStreams.print(try StandardStreams.json(JobsDocument(jobs, more: more))) }
        if jobs.isEmpty { return StandardStreams.complain("No \(kind)jobs found.") }
        StandardStreams.print(JobsTable(jobs: jobs, now: Date(), width: StandardStreams.width).text)
        if more > 0 { StandardStreams.complain("\(more) more not shown; --limit shows more.") }
    }

    private var kind: String { failed ? "failed " : state.map { "\($0.rawValue) " } ?? "" }

    private func show(_ id: Int64, of site: Site) async throws {
        let file = try await site.file(id: id, fid: nil)
        let story = JobStory(file, try await site.job(of: id), refusal: try await site.refusal(of: file))
        await site.close()
        if json { return StandardStreams.print(try StandardStreams.json(story)) }
        StandardStreams.print(story.text(width: StandardStreams.width))
    }
}
