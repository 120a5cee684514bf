internal import Execution
internal import Jobs
internal import MediaProcess
internal import MediaWire
internal import Platform
internal import Site
internal import WorkerConfiguration

/// Checks everything that the daemon needs, and changes nothing that lasts.
public enum Doctor {
    /// Findings in order of dependency; checks whose prerequisite failed are left out.
    ///
    /// - Parameters:
    ///   - path: of the configuration; nil is the default place.
    ///   - notifies: also sends a test by each configured way of notification.
    public static func examine(configuration path: String?, notifies: Bool = false) async -> [Finding] {
        let loaded: Configuration.Loaded
        var findings: [Finding]
        do {
            loaded = try Configuration.load(path: path)
            findings = [.good("configuration", "The configuration is valid.")]
            findings += [Finding.openSecret("configuration", loaded.holdsSecret ? loaded.file : nil)].compactMap(\.self)
            findings += loaded.warnings.map { .odd("configuration", $0, remedy: "Unset it, or fix its name.") }
        } catch {
            let remedy = "transcoder.example.yaml and “man transcoder.yaml” list every key with its allowed values and default."
            return [.bad("configuration", "\(error)", remedy: remedy)]
        }
        let (configuration, file) = (loaded.configuration, loaded.file)
        findings += await mediaProgram(configuration)
        findings += await site(configuration, await serviceUser(configuration, file))
        findings += await NotificationChecks.findings(configuration, sendsTest: notifies)
        findings += await beside { DaemonChecks.findings(configuration, file: file) + HTTPChecks.findings(configuration) }
        return findings
    }

    /// Runs checks that block.
    private static func beside(_ look: @escaping @Sendable () -> [Finding]) async -> [Finding] {
        do {
            return try await BlockingThread().run(look)
        } catch {
            return [.bad("threads", "\(error)", remedy: "Allow this user more threads (ulimit -u).")]
        }
    }

    /// Nil: as this process.
    private static func serviceUser(_ configuration: Configuration, _ file: String) async -> ServiceUser? {
        try? await BlockingThread().run {
            ServiceUser.other(configuration: file, daemon: DaemonChecks.process(of: configuration))
        }
    }

    private static func beside(as user: ServiceUser?, _ look: @escaping @Sendable () -> [Finding]) async -> [Finding] {
        guard let user else { return await beside(look) }
        do {
            return try await user.looking(look)
        } catch {
            return [.bad("storage", "\(error)", remedy: "Run this as that user: “sudo -u \(user.name) transcoder doctor”.")]
        }
    }

    private static func mediaProgram(_ configuration: Configuration) async -> [Finding] {
        // Report which layers are missing even if the configuration requires all of them.
        var lenient = configuration
        lenient.sandbox = .bestEffort
        let program: MediaProgram
        do {
            program = try await MediaProgram.handshake(lenient)
        } catch let error as MediaProgramError {
            return [.bad("media program", error.fact, remedy: error.remedy)]
        } catch {
            return [.bad("media program", "\(error)", remedy: "Reinstall transcoder, or fix media_program.")]
        }
        let report = program.sandbox
        let works = program.fault.map { Finding.bad("media program", $0.fact, remedy: $0.remedy) }
            ?? .good("media program", "It starts; FFmpeg \(program.equipment.version) has everything needed.")
        let layers = "Uploads are decoded in a sandbox: \(report.layers.joined(separator: ", "))."
        guard let shortcoming = report.shortcoming else { return [works, .good("sandbox", layers)] }
        let text = "\(layers) \(shortcoming)"
        let remedy = "Use a kernel that supports it (Debian 12's does), outside containers that block it"
        guard configuration.sandbox == .required else { return [works, .odd("sandbox", text, remedy: "\(remedy).")] }
        return [
            works,
            .bad("sandbox", text, remedy: "\(remedy); or set “sandbox: best-effort” and accept the risk."),
        ]
    }

    private static func site(_ configuration: Configuration, _ user: ServiceUser?) async -> [Finding] {
        let site: Site
        do {
            site = try await WorkerContext.openSite(configuration)
        } catch let error as SiteError {
            return [.bad("site", "\(error)", remedy: error.remedy)]
        } catch let error as ConfigurationError {
            return [.bad("site", "\(error)", remedy: "Fix it in the configuration.")]
        } catch {
            return [.bad("site", "\(error)", remedy: "Check that the database is running and reachable with the DB_… settings in the site's .env.")]
        }
        var findings = [
            Finding.good(
                "site", "\(site.settings.root): \(site.settings.database.name), table prefix “\(site.settings.prefix)”."),
            await table(of: site),
        ]
        findings += [await wakeup(of: site)].compactMap(\.self)
        findings += [Finding.openSecret("database password", configuration.databasePasswordFile)].compactMap(\.self)
        findings += await SiteChecks.findings(site, configuration)
        do {
            findings += try await ClaimChecks.findings(site)
        } catch {
            findings.append(.bad("claims", "\(error)", remedy: "Check that the database is reachable, then run this again."))
        }
        findings += await BucketChecks.findings(site, configuration)
        // Without our table there is no queue.
        let waiting = (try? await site.waiting(limit: 50, since: configuration.since)) ?? []
        var onDisk: [MediaFile] = []
        for file in waiting.map(\.file) {
            if let store = try? await site.store(of: file), store == .disk { onDisk.append(file) }
        }
        await site.close()
        let (settings, files) = (site.settings, onDisk)
        let month = site.now().prefix(7).filter { $0 != "-" }
        return findings + (await beside(as: user) { StorageChecks.findings(settings, configuration, waiting: files, month: month, as: user) })
    }

    /// nil if this kind of database has no triggers that can notify.
    private static func wakeup(of site: Site) async -> Finding? {
        func odd(_ text: String, _ remedy: String) -> Finding { .odd("wake-up", text, remedy: remedy) }
        let initialise = "“transcoder init --site \(site.settings.root)” installs them, with a database user who owns the tables"
        do {
            switch try await site.triggerState() {
            case .notKnown: return nil
            case .present: return .good("wake-up", "Triggers in the database wake the daemon.")
            case .absent:
                return odd(
                    "No triggers wake the daemon: it polls.",
                    "\(initialise); then restart the daemon. If you chose --no-triggers, there is nothing to do.")
            case .partial(let missing):
                return odd(
                    "Triggers that wake the daemon are missing or disabled on \(missing.joined(separator: ", ")): it polls.",
                    "\(initialise) (run it with --remove-triggers first if one is disabled); then restart the daemon.")
            case .foreign(let function):
                return odd(
                    "The triggers that wake the daemon are from another version: the function \(function) differs.",
                    "\(initialise), and replaces the function.")
            }
        } catch {
            return .bad("wake-up", "\(error)", remedy: "Check that the database is reachable, then run this again.")
        }
    }

    private static func table(of site: Site) async -> Finding {
        do {
            let missing = try await site.prepare(dryRun: true)
            guard missing.isEmpty else {
                return .odd(
                    "database", "The job table or an index is missing: \(missing.count) statements would create them.",
                    remedy: "“transcoder init --site \(site.settings.root)” creates them; so does the daemon.")
            }
            try await site.checkClaimable()
            return .good("database", "It is writable; the job table and indexes exist.")
        } catch {
            return .bad("database", "\(error)", remedy: "Check that the database is reachable, and the rights of its user (docs/databases.md).")
        }
    }
}
