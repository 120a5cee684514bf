internal import Glibc
internal import Notifications
internal import Platform
public import Site
internal import SQL
public import WorkerConfiguration

/// Checks of the site itself: `init` reports them once, `doctor` every time.
public enum SiteChecks {
    /// In the order of setting up a site.
    public static func findings(_ site: Site, _ configuration: Configuration) async -> [Finding] {
        var findings: [Finding] = []
        // Independently: if the user cannot read one table, the check of rights still runs.
        let looks: [() async throws -> [Finding]] = [
            { cachedConfiguration(site) }, { try await disks(site) }, { try await addresses(site) }, { try await clocks(site) }, { [try await cache(site, configuration)] }, { [try await rights(site, configuration)] },
        ]
        for look in looks {
            do {
                findings += try await look()
            } catch {
                let finding = Finding.bad("database", "\(error)", remedy: "Check that the database is reachable, and the rights of its user (docs/databases.md).")
                if !findings.contains(finding) { findings.append(finding) }
            }
        }
        return findings
    }

    private static func cachedConfiguration(_ site: Site) -> [Finding] {
        switch site.settings.cachedConfiguration {
        case .none: return []
        case .unreadable(let why):
            return [
                .odd(
                    "settings", why,
                    remedy: "Let this user read it, or clear it (php artisan config:clear). Until then transcoder uses the .env, which may differ from what the site uses.")
            ]
        case .rules(let differing) where differing.isEmpty:
            return [.good("settings", "The site uses its cached configuration, and so does transcoder; the .env says the same.")]
        case .rules(let differing):
            return [
                .odd(
                    "settings",
                    """
                    The site's cached configuration (\(site.settings.root)/bootstrap/cache/config.php) overrides its .env: \
                    \(differing.joined(separator: ", ")) in the .env \(differing.count == 1 ? "differs" : "differ") and \(differing.count == 1 ? "has" : "have") no effect.
                    """, remedy: "“php artisan config:cache” caches the .env again, “php artisan config:clear” removes the cache; then restart the service.")
            ]
        }
    }

    private static func disks(_ site: Site) async throws -> [Finding] {
        let elsewhere = try await site.elsewhere()
        var findings: [Finding] = elsewhere.map { files in
            let waiting = switch files.waiting {
            case 0: "none are waiting now"
            case 1: "1 is waiting"
            default: "\(files.waiting) are waiting"
            }
            return .odd(
                "disk", "\(files.cause): such \(files.noun) are not on this host's disk and are skipped; \(waiting).",
                remedy: files.isKnown
                    ? "Set the bucket's name, access key and secret in the site's panel (docs/storage.md), or use the storage service's own transcoding."
                    : "Fix it: Fresns knows “local” and “remote”, and treats anything else as “remote”.")
        }
        let missed = elsewhere.reduce(0) { $0 + $1.missed }
        if missed > 0 {
            let what = missed == 1 ? "1 file was" : "\(missed) files were"
            findings.append(
                .odd(
                    "disk", "\(what) marked source-missing by an older transcoder, but never belonged on this host's disk.",
                    remedy: "“transcoder retry --failed” resets them to waiting; they are then skipped."))
        }
        let finished = try await site.finishedElsewhere()
        if finished > 0 {
            let what = finished == 1 ? "The row of 1 file names" : "The rows of \(finished) files name"
            findings.append(
                .odd(
                    "disk", "\(what) a result in the store that Fresns used before: it only plays if it was copied to the one that Fresns uses now.",
                    remedy: "Copy these files to the new store under the same names, unless you did when the site moved."))
        }
        return findings.isEmpty ? [.good("disk", "Video and audio files are on the local disk.")] : findings
    }

    private static func addresses(_ site: Site) async throws -> [Finding] {
        var findings: [Finding] = []
        for key in try await site.handlePositions() {
            findings.append(
                .odd(
                    "addresses",
                    "\(key) is set: Fresns rewrites the URLs of transcoded files for an on-demand service, which breaks them.",
                    remedy: "Clear it in the Fresns admin panel."))
        }
        return findings
    }

    private static func clocks(_ site: Site) async throws -> [Finding] {
        let difference = try await site.clockDifference()
        if abs(difference) > 5 {
            let amount = Quantity.clock(seconds: abs(difference))
            return [
                .odd(
                    "clock", "The database's clock is \(amount) \(difference > 0 ? "ahead of" : "behind") this machine's.",
                    remedy: "Synchronise both clocks with NTP: retries use one, and upload times the other.")
            ]
        }
        let ahead = try await site.uploadsAhead()
        if ahead > 300 {
            let amount = Quantity.clock(seconds: ahead)
            return [
                .odd(
                    "clock",
                    "The last upload is \(amount) in the future if the site's times are in \(site.settings.timeZone), as its settings say.",
                    remedy: "Check that the application uses the APP_TIMEZONE (in v2 DB_TIMEZONE) of the .env (php artisan config:clear).")
            ]
        }
        return [.good("clock", "The database's clock agrees with this machine's; the site's times are in \(site.settings.timeZone).")]
    }

    package static func cache(_ site: Site, _ configuration: Configuration) async throws -> Finding {
        if let command = configuration.cacheCommand {
            return .good("cache", "\(command[0]) clears the site's cache for a file.")
        }
        let store = site.settings.cache
        let remedy = "Set cache_command: docs/cache.md has one that works with every cache."
        switch store {
        case .none: return .good("cache", "The site caches nothing.")
        case .files(let folder):
            // A missing folder means that nothing is cached yet.
            if access(folder, F_OK) == 0, access(folder, W_OK | X_OK) != 0 {
                return .odd(
                    "cache", "This user (\(geteuid())) cannot write to \(folder): visitors may see old URLs for days.",
                    remedy: "Run the service as the owner of the site's storage, or set cache_command.")
            }
            return .good("cache", "The site caches in \(folder).")
        case .table(let name, _):
            guard try await site.hasCacheTable() else {
                return .odd("cache", "The site caches in the table \(site.settings.prefix)\(name), which does not exist.", remedy: remedy)
            }
            return .good("cache", "The site caches in its table \(site.settings.prefix)\(name).")
        case .redis(let server, let prefixes):
            do {
                try await BlockingThread().run { try RedisCache(server, prefixes: prefixes).check() }
                return .good("cache", "The site caches in \(server), which accepts the login.")
            } catch {
                return .odd("cache", "\(error)", remedy: "Fix REDIS_… in the site's .env, or set cache_command.")
            }
        case .foreign(let setting):
            return .odd(
                "cache",
                "The site's .env says \(setting), a cache that transcoder cannot clear: visitors may see old URLs for hours or days.",
                remedy: remedy)
        }
    }

    private static func rights(_ site: Site, _ configuration: Configuration) async throws -> Finding {
        let report = try await site.rights(beside: configuration.notifies ? [Outbox.rights(site)] : [])
        if !report.missing.isEmpty {
            let missing = report.missing.joined(separator: "; ")
            if case .sqlite = site.settings.database {
                return .bad(
                    "rights", "This user (\(geteuid())) lacks permissions: \(missing).",
                    remedy: "Run the service, and this check, as PHP's user, and give that user the file and its folder (chown).")
            }
            return .bad(
                "rights", "The database user lacks rights: \(missing).", remedy: "docs/databases.md says what to grant.")
        }
        if !report.surplus.isEmpty {
            return .odd(
                "rights", "There are more rights than needed: \(report.surplus.joined(separator: "; ")).",
                remedy: "Everything works. docs/databases.md lists the rights that suffice.")
        }
        return .good("rights", "All needed rights are there, and no others.")
    }
}
