internal import ArgumentParser
internal import Diagnostics
internal import Foundation
internal import Notifications
internal import Site
internal import WorkerConfiguration

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Set up a site: write the configuration, create the job table and indexes.",
        discussion: """
            Safe to run again: an existing configuration keeps its keys. As root on a systemd host, it also \
            configures the service to run as the owner of the site's storage. For several sites on a host, each has its \
            own configuration, /etc/transcoder/NAME.yaml, and its own service, transcoder@NAME.

            Exits with 2 if the site cannot be used as it is, and with 75 if its database is unreachable.

            Examples:
              transcoder init --site /var/www/fresns --dry-run
              transcoder init --site /var/www/fresns --backlog
              transcoder init --site /var/www/blog --config /etc/transcoder/blog.yaml
              transcoder init --site /var/www/fresns --remove-triggers
            """)

    @OptionGroup var options: ConfigOption
    @Option(help: ArgumentHelp("The site's folder, which contains its .env.", valueName: "folder"), completion: .directory)
    var site: String
    @Flag(help: "Show what would be done, without doing it.")
    var dryRun = false
    @Flag(help: "Also transcode existing uploads, however many there are.")
    var backlog = false
    @Flag(help: "PostgreSQL: do not install the triggers that wake the daemon; it polls.")
    var noTriggers = false
    @Flag(help: "PostgreSQL: remove the triggers, and do nothing else.")
    var removeTriggers = false
    @Flag(help: "Do not configure systemd.")
    var noService = false

    func validate() throws {
        if noTriggers, removeTriggers { throw ValidationError("--remove-triggers and --no-triggers cannot be combined; leave --no-triggers out.") }
    }

    func run() async throws {
        let settings = try SiteSettings.read(siteFolder: site)
        if removeTriggers { return try await removeTriggers(settings) }
        let path = options.config ?? Configuration.defaultPath
        let file = try ConfigurationSetup(path: path, site: settings.root)
        let site = try await Site.open(settings)
        let waiting = try await site.backlog()
        let text = file.text(waiting: waiting, wantsBacklog: backlog, now: Date())

        StandardStreams.complain("Site \(settings.root): database \(settings.database.name), table prefix “\(settings.prefix)”.")
        StandardStreams.complain(file.sentence(waiting: waiting, wantsBacklog: backlog))
        var statements = try await site.prepare(dryRun: dryRun)
        if file.configuration.notifies { statements += try await Outbox(site: site, host: "").prepare(dryRun: dryRun) }
        let findings = await SiteChecks.findings(site, file.configuration)
        let triggers = noTriggers ? .notKnown : try await site.installTriggers(dryRun: dryRun)
        let isTold = try await site.hasTriggers()
        await site.close()
        for statement in statements + triggers.statements { StandardStreams.print(statement + ";") }
        if let text {
            if dryRun { StandardStreams.print("# \(path)\n\(text)") } else { try file.write(text) }
        }
        let verb = dryRun ? "would be" : "is"
        StandardStreams.complain(text == nil ? "\(path) is unchanged." : "\(path) \(verb) written.")
        for finding in findings where finding.grade != .good { StandardStreams.complain(finding.lines) }
        if (statements + triggers.statements).isEmpty { StandardStreams.complain("The database is up to date.") }
        if case .refused(let why) = triggers { StandardStreams.complain("The triggers that wake the daemon are not installed. \(why)") }
        if case .sqlite = settings.database {} else {
            let willBeTold = isTold || (dryRun && !triggers.statements.isEmpty)
            StandardStreams.complain(willBeTold ? "The database wakes the daemon." : "The daemon polls: more often while files arrive, every “poll” when idle.")
        }
        if !noService { try setUpService(settings, path: path, file.configuration) }
    }

    /// The unit's drop-in, and the next command to type.
    private func setUpService(_ settings: SiteSettings, path: String, _ configuration: Configuration) throws {
        guard let dropIn = try ServiceDropIn(configurationPath: path, configuration, settings) else { return }
        let (owner, unit) = (dropIn.owner, dropIn.unit.name)
        if !owner.isKnown {
            StandardStreams.complain("The site's storage belongs to \(owner.user):\(owner.group), which has no name on this host: create that user and group, then run init again.")
        }
        if owner.isRoot {
            StandardStreams.complain("The site's storage belongs to root, so the service runs as root: give the storage to the web server's user (chown), and run init again.")
        }
        if dryRun { return StandardStreams.print("# \(dropIn.path)\n\(dropIn.text)") }
        switch try dropIn.write() {
        case .kept: StandardStreams.complain("\(dropIn.path) is up to date. Start: systemctl enable --now \(unit)")
        case .written: StandardStreams.complain("\(dropIn.path) is written: the service runs as \(owner.user). Start: systemctl enable --now \(unit)")
        case .replaced: StandardStreams.complain("\(dropIn.path) is updated: systemctl daemon-reload && systemctl restart \(unit)")
        case .refused: StandardStreams.complain("The service is not configured to run as \(owner.user): only root can write \(dropIn.path). Run this again as root.")
        }
    }

    private func removeTriggers(_ settings: SiteSettings) async throws {
        let site = try await Site.open(settings)
        let outcome = try await site.removeTriggers(dryRun: dryRun)
        await site.close()
        for statement in outcome.statements { StandardStreams.print(statement + ";") }
        switch outcome {
        case .refused(let why):
            StandardStreams.complain("The triggers could not be removed. \(why)")
            throw ExitStatus.failed
        case .done(let statements) where !statements.isEmpty:
            StandardStreams.complain(dryRun ? "The triggers would be removed." : "The triggers are removed. Restart a running daemon so that it polls.")
        case .done, .notKnown: StandardStreams.complain("No triggers are installed.")
        }
    }
}
