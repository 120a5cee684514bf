internal import Glibc
internal import MediaWire
internal import Objects
internal import Site

/// Looks at everything that the daemon needs, and changes nothing.
public enum Doctor {
    /// Findings in the order in which things are needed; what cannot be looked at for want of something else is left out.
    ///
    /// - Parameter path: of the configuration; nil is the default place.
    public static func examine(configuration path: String?) async -> [Finding] {
        let configuration: Configuration
        var findings: [Finding]
        do {
            let loaded = try Configuration.load(path: path)
            configuration = loaded.configuration
            findings = [.good("configuration", "It can be read.")]
            findings += loaded.warnings.map { .odd("configuration", $0, mending: "Unset it, or correct its name.") }
        } catch {
            return [.bad("configuration", "\(error)")]
        }
        findings += await mediaProgram(configuration)
        findings += await site(configuration)
        return findings
    }

    private static func mediaProgram(_ configuration: Configuration) async -> [Finding] {
        // However strict the configuration is: which layers there are is to be told, too.
        var lenient = configuration
        lenient.sandbox = .bestEffort
        let report: SandboxReport
        do {
            report = try await Workshop.checkMediaProgram(lenient)
        } catch {
            return [.bad("media program", "\(error)", mending: "Install transcoder and FFmpeg's libraries again.")]
        }
        let works = Finding.good("media program", "It starts, and has the codecs that it needs.")
        let layers = "Uploads are read behind \(report.layers.joined(separator: ", "))."
        guard let shortcoming = report.shortcoming else { return [works, .good("sandbox", layers)] }
        let text = "\(layers) \(shortcoming)"
        let mending = "Run a kernel that has it (Debian 12's does), in no container that refuses it"
        guard configuration.sandbox == .required else { return [works, .odd("sandbox", text, mending: "\(mending).")] }
        return [
            works,
            .bad("sandbox", text, mending: "\(mending); or set “sandbox: best-effort” and accept the risk."),
        ]
    }

    private static func site(_ configuration: Configuration) async -> [Finding] {
        let site: Site
        do {
            site = try await Workshop.openSite(configuration)
        } catch {
            return [.bad("site", "\(error)")]
        }
        var findings = [
            Finding.good(
                "site", "\(site.settings.root): \(site.settings.database.name), table prefix “\(site.settings.prefix)”."),
            await table(of: site),
        ]
        findings += await SiteChecks.findings(site, configuration)
        await site.close()
        do {
            let disk = try LocalDisk(root: site.settings.storageRoot, scratch: configuration.scratch)
            if let folder = disk.unwritable(["videos", "audios"]) {
                findings.append(
                    .bad(
                        "storage", "\(folder) may not be written by this user (\(geteuid())).",
                        mending: "Run the service, and this check, as the owner of the site's storage."))
            } else {
                let free = Quantity.people(bytes: try disk.freeSpace().work)
                findings.append(.good("storage", "\(disk.root) can be written to; \(free) are free."))
            }
        } catch {
            findings.append(.bad("storage", "\(error)"))
        }
        return findings
    }

    private static func table(of site: Site) async -> Finding {
        do {
            let missing = try await site.prepare(dryRun: true)
            guard missing.isEmpty else {
                return .odd(
                    "database", "Our table or an index is not there yet: \(missing.count) statements would make them.",
                    mending: "“transcoder init --site \(site.settings.root)” makes them; so does the daemon.")
            }
            try await site.checkWritable()
            return .good("database", "It can be written to; our table and indexes are there.")
        } catch {
            return .bad("database", "\(error)")
        }
    }
}
