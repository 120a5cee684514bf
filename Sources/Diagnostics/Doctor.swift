internal import Execution
internal import MediaProcess
internal import MediaWire
internal import Platform
internal import Site
internal import WorkerConfiguration

/// Looks at everything that the daemon needs, and changes nothing.
public enum Doctor {
    /// Findings in the order in which things are needed; what cannot be looked at for want of something else is left out.
    ///
    /// - Parameter path: of the configuration; nil is the default place.
    public static func examine(configuration path: String?) async -> [Finding] {
        let loaded: Configuration.Loaded
        var findings: [Finding]
        do {
            loaded = try Configuration.load(path: path)
            findings = [.good("configuration", "It can be read.")]
            findings += [Finding.openSecret("configuration", loaded.holdsSecret ? loaded.file : nil)].compactMap(\.self)
            findings += loaded.warnings.map { .odd("configuration", $0, remedy: "Unset it, or correct its name.") }
        } catch {
            let remedy = "transcoder.example.yaml, and “man transcoder.yaml”, have every key, what may be written there, and its default."
            return [.bad("configuration", "\(error)", remedy: remedy)]
        }
        let (configuration, file) = (loaded.configuration, loaded.file)
        findings += await mediaProgram(configuration)
        findings += await site(configuration)
        findings += await beside { DaemonChecks.findings(configuration, file: file) + HTTPChecks.findings(configuration) }
        return findings
    }

    /// Looks that block.
    private static func beside(_ look: @escaping @Sendable () -> [Finding]) async -> [Finding] {
        do {
            return try await BlockingThread().run(look)
        } catch {
            return [.bad("threads", "\(error)", remedy: "Allow this user more threads (ulimit -u).")]
        }
    }

    private static func mediaProgram(_ configuration: Configuration) async -> [Finding] {
        // However strict the configuration is: which layers there are is to be told, too.
        var lenient = configuration
        lenient.sandbox = .bestEffort
        let program: MediaProgram
        do {
            program = try await MediaProgram.handshake(lenient)
        } catch let error as MediaProgramError {
            return [.bad("media program", error.fact, remedy: error.remedy)]
        } catch {
            return [.bad("media program", "\(error)", remedy: "Install transcoder again, or correct media_program.")]
        }
        let report = program.sandbox
        let works = program.fault.map { Finding.bad("media program", $0.fact, remedy: $0.remedy) }
            ?? .good("media program", "It starts, with FFmpeg \(program.equipment.version), which has all that is needed.")
        let layers = "Uploads are read behind \(report.layers.joined(separator: ", "))."
        guard let shortcoming = report.shortcoming else { return [works, .good("sandbox", layers)] }
        let text = "\(layers) \(shortcoming)"
        let remedy = "Run a kernel that has it (Debian 12's does), in no container that refuses it"
        guard configuration.sandbox == .required else { return [works, .odd("sandbox", text, remedy: "\(remedy).")] }
        return [
            works,
            .bad("sandbox", text, remedy: "\(remedy); or set “sandbox: best-effort” and accept the risk."),
        ]
    }

    private static func site(_ configuration: Configuration) async -> [Finding] {
        let site: Site
        do {
            site = try await WorkerContext.openSite(configuration)
        } catch let error as SiteError {
            return [.bad("site", "\(error)", remedy: error.remedy)]
        } catch let error as ConfigurationError {
            return [.bad("site", "\(error)", remedy: "Correct it in the configuration.")]
        } catch {
            return [.bad("site", "\(error)", remedy: "See that the database runs, and can be reached as the site's .env says (DB_…).")]
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
            findings.append(.bad("claims", "\(error)", remedy: "See that the database can be reached, and run this again."))
        }
        await site.close()
        let settings = site.settings
        return findings + (await beside { StorageChecks.findings(settings, configuration) })
    }

    /// nil where a database has no triggers that tell.
    private static func wakeup(of site: Site) async -> Finding? {
        func odd(_ text: String, _ remedy: String) -> Finding { .odd("wake-up", text, remedy: remedy) }
        let initialise = "“transcoder init --site \(site.settings.root)” installs them, by a database user who owns the tables"
        do {
            switch try await site.triggerState() {
            case .notKnown: return nil
            case .present: return .good("wake-up", "The database wakes the daemon by its triggers.")
            case .absent:
                return odd(
                    "There are no triggers that wake the daemon: it polls.",
                    "\(initialise); then restart the daemon. Where --no-triggers left them out, nothing is to be done.")
            case .partial(let missing):
                return odd(
                    "Triggers that wake the daemon are missing, or switched off: on \(missing.joined(separator: ", ")). It polls.",
                    "\(initialise) (first --remove-triggers, where one is switched off); then restart the daemon.")
            case .foreign(let function):
                return odd(
                    "The triggers that wake the daemon are of another version: the function \(function) is not this program's.",
                    "\(initialise): the function is replaced.")
            }
        } catch {
            return .bad("wake-up", "\(error)", remedy: "See that the database can be reached, and run this again.")
        }
    }

    private static func table(of site: Site) async -> Finding {
        do {
            let missing = try await site.prepare(dryRun: true)
            guard missing.isEmpty else {
                return .odd(
                    "database", "Our table or an index is not there yet: \(missing.count) statements would make them.",
                    remedy: "“transcoder init --site \(site.settings.root)” makes them; so does the daemon.")
            }
            try await site.checkClaimable()
            return .good("database", "It can be written to; our table and indexes are there.")
        } catch {
            return .bad("database", "\(error)", remedy: "What is said of rights, below, may be why; or see that it can be reached.")
        }
    }
}
