internal import Glibc
internal import Platform
public import Site
internal import SQL
public import WorkerConfiguration

/// What is odd about a site itself, whoever looks: `init` tells it once, `doctor` again.
public enum SiteChecks {
    /// In the order in which people set a site up.
    public static func findings(_ site: Site, _ configuration: Configuration) async -> [Finding] {
        var findings: [Finding] = []
        // Each by itself: where the user may not read one table, his rights are still to be told.
        let looks: [() async throws -> [Finding]] = [
            { cachedConfiguration(site) }, { try await disks(site) }, { try await addresses(site) }, { try await clocks(site) }, { [try await cache(site, configuration)] }, { [try await rights(site)] },
        ]
        for look in looks {
            do {
                findings += try await look()
            } catch {
                let finding = Finding.bad("database", "\(error)", remedy: "What is said of rights, here, may be why; or see that it can be reached.")
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
                    remedy: "Let this user read it, or clear it (php artisan config:clear). Until then we go by the .env, and perhaps by another than the site.")
            ]
        case .rules(let differing) where differing.isEmpty:
            return [.good("settings", "The site's cached configuration is what it goes by, and so do we; its .env says the same.")]
        case .rules(let differing):
            return [
                .odd(
                    "settings",
                    """
                    The site's cached configuration (\(site.settings.root)/bootstrap/cache/config.php) is what it goes by, and so do we: \
                    \(differing.joined(separator: ", ")) in its .env \(differing.count == 1 ? "says" : "say") something else, without effect.
                    """, remedy: "“php artisan config:cache” takes the .env over, “php artisan config:clear” lets it rule; then restart the service.")
            ]
        }
    }

    private static func disks(_ site: Site) async throws -> [Finding] {
        let elsewhere = try await site.elsewhere()
        var findings: [Finding] = elsewhere.map { files in
            let waiting = switch files.waiting {
            case 0: "none waits now"
            case 1: "1 waits"
            default: "\(files.waiting) wait"
            }
            return .odd(
                "disk", "\(files.cause): such \(files.noun) are on a disk that is not this host's, and left alone; \(waiting).",
                remedy: files.isKnown
                    ? "Leave them to their storage service's own transcoding. What is on the local disk is done as ever."
                    : "Correct it: Fresns knows “local” and “remote”, and takes all else for “remote”.")
        }
        let missed = elsewhere.reduce(0) { $0 + $1.missed }
        if missed > 0 {
            let what = missed == 1 ? "1 file was" : "\(missed) files were"
            findings.append(
                .odd(
                    "disk", "\(what) failed as source-missing, though never on this host's disk: an older transcoder looked for them here.",
                    remedy: "“transcoder retry --failed” lets them wait again, as before, and leaves them alone."))
        }
        let finished = try await site.finishedElsewhere()
        if finished > 0 {
            let what = finished == 1 ? "The row of 1 file names" : "The rows of \(finished) files name"
            findings.append(
                .odd(
                    "disk", "\(what) a result in \(site.settings.storageRoot), and Fresns has it on another disk now: there, it plays only if it was copied.",
                    remedy: "Copy them to the store under the same names, if that was not done when the site moved there."))
        }
        return findings.isEmpty ? [.good("disk", "Videos and recordings are on the local disk.")] : findings
    }

    private static func addresses(_ site: Site) async throws -> [Finding] {
        var findings: [Finding] = []
        for key in try await site.handlePositions() {
            findings.append(
                .odd(
                    "addresses",
                    "\(key) is set: Fresns rewrites the addresses of our results, for a service that works on demand, and breaks them.",
                    remedy: "Clear it in Fresns' console."))
        }
        return findings
    }

    private static func clocks(_ site: Site) async throws -> [Finding] {
        let difference = try await site.clockDifference()
        if abs(difference) > 5 {
            let amount = Quantity.clock(seconds: abs(difference))
            return [
                .odd(
                    "clock", "The database's clock is \(amount) \(difference > 0 ? "ahead of" : "behind") ours.",
                    remedy: "Let both machines keep their clocks by NTP: tries that wait are due by one, and uploads are dated by the other.")
            ]
        }
        let ahead = try await site.uploadsAhead()
        if ahead > 300 {
            let amount = Quantity.clock(seconds: ahead)
            return [
                .odd(
                    "clock",
                    "The last upload lies \(amount) in the future, if the site's times are in \(site.settings.timeZone), as its settings say.",
                    remedy: "See that APP_TIMEZONE (in v2 DB_TIMEZONE) in the .env is what the application goes by (php artisan config:clear).")
            ]
        }
        return [.good("clock", "The database's clock is ours, and the site's times are in \(site.settings.timeZone).")]
    }

    package static func cache(_ site: Site, _ configuration: Configuration) async throws -> Finding {
        if let command = configuration.cacheCommand {
            return .good("cache", "\(command[0]) drops what the site has cached of a file.")
        }
        let store = site.settings.cache
        let remedy = "Set cache_command: docs/cache.md has one that works with every store."
        switch store {
        case .none: return .good("cache", "The site caches nothing.")
        case .files(let folder):
            // A folder that is not there yet is one in which nothing is cached.
            if access(folder, F_OK) == 0, access(folder, W_OK | X_OK) != 0 {
                return .odd(
                    "cache", "\(folder) may not be written by this user (\(geteuid())): readers are shown old addresses for days.",
                    remedy: "Run the service as the owner of the site's storage, or set cache_command.")
            }
            return .good("cache", "The site caches in \(folder).")
        case .table(let name, _):
            guard try await site.hasCacheTable() else {
                return .odd("cache", "The site caches in the table \(site.settings.prefix)\(name), which is not there.", remedy: remedy)
            }
            return .good("cache", "The site caches in its table \(site.settings.prefix)\(name).")
        case .redis(let server, let prefixes):
            do {
                try await BlockingThread().run { try RedisCache(server, prefixes: prefixes).check() }
                return .good("cache", "The site caches in \(server), which lets us in.")
            } catch {
                return .odd("cache", "\(error)", remedy: "Correct REDIS_… in the site's .env, or set cache_command.")
            }
        case .foreign(let setting):
            return .odd(
                "cache",
                "The site's .env says \(setting), a cache that we do not reach into: readers are shown old addresses for hours or days.",
                remedy: remedy)
        }
    }

    private static func rights(_ site: Site) async throws -> Finding {
        let report = try await site.rights()
        if !report.missing.isEmpty {
            let missing = report.missing.joined(separator: "; ")
            if case .sqlite = site.settings.database {
                return .bad(
                    "rights", "This user (\(geteuid())) may not do what is needed: \(missing).",
                    remedy: "Run the service, and this check, as the user that PHP runs as, and give him the file and its folder (chown).")
            }
            return .bad(
                "rights", "The database's user may not do what is needed: \(missing).", remedy: "docs/databases.md says what to grant.")
        }
        if !report.surplus.isEmpty {
            return .odd(
                "rights", "There is more allowed than is needed: \(report.surplus.joined(separator: "; ")).",
                remedy: "Everything works. docs/databases.md says what suffices.")
        }
        if geteuid() == 0 {
            return .odd(
                "rights", "This runs as root, who may do everything.",
                remedy: "Run the service, and this check, as the owner of the site's storage.")
        }
        return .good("rights", "The database may be used, and no more than needed is allowed.")
    }
}
