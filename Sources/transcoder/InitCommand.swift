internal import ArgumentParser
internal import Foundation
internal import Site
internal import Worker

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Set a site up: write the configuration, create our table and indexes.",
        discussion: """
            May be run again at any time: an existing configuration keeps its keys.

            Examples:
              transcoder init --site /var/www/fresns --dry-run
              transcoder init --site /var/www/fresns --backlog
            """)

    @OptionGroup var options: ConfigOption
    @Option(help: ArgumentHelp("The site's folder: where its .env is.", valueName: "folder"))
    var site: String
    @Flag(help: "Tell what would be done, and do nothing.")
    var dryRun = false
    @Flag(help: "Do the old uploads too, however many there are.")
    var backlog = false

    func run() async throws {
        let settings = try SiteSettings.read(siteFolder: site)
        let path = options.config ?? Configuration.defaultPath
        let file = try ConfigurationSetup(path: path, site: settings.root)
        let site = try await Site.open(settings)
        let waiting = try await site.backlog()
        let text = file.text(waiting: waiting, wantsBacklog: backlog, now: Date())

        Streams.complain("Site \(settings.root): database \(settings.database.name), table prefix “\(settings.prefix)”.")
        Streams.complain(file.sentence(waiting: waiting, wantsBacklog: backlog))
        let statements = try await site.prepare(dryRun: dryRun)
        let findings = await SiteChecks.findings(site, file.configuration)
        await site.close()
        for statement in statements { Streams.print(statement + ";") }
        if let text {
            if dryRun { Streams.print("# \(path)\n\(text)") } else { try file.write(text) }
        }
        let verb = dryRun ? "would be" : "is"
        Streams.complain(text == nil ? "\(path) is kept as it is." : "\(path) \(verb) written.")
        for finding in findings where finding.grade != .good { Streams.complain(finding.lines) }
        if statements.isEmpty { Streams.complain("The database is as it should be.") }
    }
}
