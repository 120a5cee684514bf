internal import ArgumentParser
internal import Diagnostics
internal import Foundation
internal import Site
internal import WorkerConfiguration

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Set a site up: write the configuration, create our table and indexes.",
        discussion: """
            May be run again at any time: an existing configuration keeps its keys. As root, on a host with systemd, it also \
            tells the service to run as the owner of the site's storage. One of several sites on a host has a \
            configuration of its own, /etc/transcoder/NAME.yaml, and is served by transcoder@NAME.

            Ends with 2 where the site cannot be worked on as it is, and 75 where its database is out of reach.

            Examples:
              transcoder init --site /var/www/fresns --dry-run
              transcoder init --site /var/www/fresns --backlog
              transcoder init --site /var/www/blog --config /etc/transcoder/blog.yaml
              transcoder init --site /var/www/fresns --remove-triggers
            """)

    @OptionGroup var options: ConfigOption
    @Option(help: ArgumentHelp("The site's folder: where its .env is.", valueName: "folder"), completion: .directory)
    var site: String
    @Flag(help: "Tell what would be done, and do nothing.")
    var dryRun = false
    @Flag(help: "Do the old uploads too, however many there are.")
    var backlog = false
    @Flag(help: "PostgreSQL: install no triggers that wake the daemon; it polls.")
    var noTriggers = false
    @Flag(help: "PostgreSQL: take the triggers away again, and do nothing else.")
    var removeTriggers = false
    @Flag(help: "Leave systemd alone.")
    var noService = false

    func validate() throws {
        if noTriggers, removeTriggers { throw ValidationError("--remove-triggers leaves no triggers: leave --no-triggers out.") }
    }

    func run() async throws {
        let settings = try SiteSettings.read(siteFolder: site)
        if removeTriggers { return try await removeTriggers(settings) }
        let path = options.config ?? Configuration.defaultPath
        let file = try ConfigurationSetup(path: path, site: settings.root)
        let site = try await Site.open(settings)
        let waiting = try await site.backlog()
        let text = file.text(waiting: waiting, wantsBacklog: backlog, now: Date())

        Streams.complain("Site \(settings.root): database \(settings.database.name), table prefix “\(settings.prefix)”.")
        Streams.complain(file.sentence(waiting: waiting, wantsBacklog: backlog))
        let statements = try await site.prepare(dryRun: dryRun)
        let findings = await SiteChecks.findings(site, file.configuration)
        let triggers = noTriggers ? .notKnown : try await site.installTriggers(dryRun: dryRun)
        let isTold = try await site.hasTriggers()
        await site.close()
        for statement in statements + triggers.statements { Streams.print(statement + ";") }
        if let text {
            if dryRun { Streams.print("# \(path)\n\(text)") } else { try file.write(text) }
        }
        let verb = dryRun ? "would be" : "is"
        Streams.complain(text == nil ? "\(path) is kept as it is." : "\(path) \(verb) written.")
        for finding in findings where finding.grade != .good { Streams.complain(finding.lines) }
        if (statements + triggers.statements).isEmpty { Streams.complain("The database is as it should be.") }
        if case .refused(let why) = triggers { Streams.complain("The triggers that wake the daemon are not installed. \(why)") }
        if case .sqlite = settings.database {} else {
            let willBeTold = isTold || (dryRun && !triggers.statements.isEmpty)
            Streams.complain(willBeTold ? "The database wakes the daemon." : "The daemon polls: often while something happens, every “poll” when nothing does.")
        }
        if !noService { try setUpService(settings, path: path, file.configuration) }
    }

    /// The unit's drop-in, and what is to be typed next.
    private func setUpService(_ settings: SiteSettings, path: String, _ configuration: Configuration) throws {
        guard let dropIn = try ServiceDropIn(configurationPath: path, configuration, settings) else { return }
        let (owner, unit) = (dropIn.owner, dropIn.unit.name)
        if !owner.isKnown {
            Streams.complain("The site's storage belongs to \(owner.user):\(owner.group), of whom this host knows no name: systemd cannot start the service as them before they have one.")
        }
        if owner.isRoot {
            Streams.complain("The site's storage belongs to root, and so does the service: give the storage to the web server's user (chown), and run init again.")
        }
        if dryRun { return Streams.print("# \(dropIn.path)\n\(dropIn.text)") }
        switch try dropIn.write() {
        case .kept: Streams.complain("\(dropIn.path) is as it should be. Start: systemctl enable --now \(unit)")
        case .written: Streams.complain("\(dropIn.path) is written: the service runs as \(owner.user). Start: systemctl enable --now \(unit)")
        case .replaced: Streams.complain("\(dropIn.path) is written anew: systemctl daemon-reload && systemctl restart \(unit)")
        case .refused: Streams.complain("The service is not told to run as \(owner.user), for only root can write \(dropIn.path): run this again as root.")
        }
    }

    private func removeTriggers(_ settings: SiteSettings) async throws {
        let site = try await Site.open(settings)
        let outcome = try await site.removeTriggers(dryRun: dryRun)
        await site.close()
        for statement in outcome.statements { Streams.print(statement + ";") }
        switch outcome {
        case .refused(let why):
            Streams.complain("The triggers are still there. \(why)")
            throw Ending.failed
        case .done(let statements) where !statements.isEmpty:
            Streams.complain(dryRun ? "The triggers would be removed." : "The triggers are removed. A daemon that runs polls once it is restarted.")
        case .done, .notKnown: Streams.complain("There are no triggers of ours.")
        }
    }
}
