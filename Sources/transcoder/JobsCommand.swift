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
              transcoder jobs --state failed --limit 200
              transcoder jobs --state waiting --json | jq '.jobs[] | select(.next_at)'
            """)

    @OptionGroup var options: ConfigOption
    @Option(
        help: "Show only this state: running, waiting, failed or done.",
        completion: .list(["running", "waiting", "failed", "done"]),
        transform: { text in
            guard let state = ListedJob.State(rawValue: text) else {
                throw ValidationError("Unknown state “\(text)”: use running, waiting, failed or done.")
            }
            return state
        })
    var state: ListedJob.State?
    @Option(help: "Show at most this many jobs, from 1 to 10000.")
    var limit = 50
    @Flag(help: "Print JSON (docs/json.md).")
    var json = false

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be a number from 1 to 10000.") }
    }

    func run() async throws {
        let configuration = try Configuration.load(path: options.config).configuration
        let site = try await WorkerContext.openSite(configuration)
        _ = try await site.prepare()
        var jobs: [ListedJob] = []
        for state in state.map({ [$0] }) ?? ListedJob.State.allCases where jobs.count < limit {
            jobs += try await site.list(state, limit: limit - jobs.count, since: configuration.since)
        }
        await site.close()
        for notice in site.notices { StandardStreams.complain(notice) }
        if json { return StandardStreams.print(try StandardStreams.json(JobsDocument(jobs))) }
        if jobs.isEmpty { return StandardStreams.complain("No jobs found.") }
        StandardStreams.print(JobsTable.text(jobs, now: Date()))
    }
}
