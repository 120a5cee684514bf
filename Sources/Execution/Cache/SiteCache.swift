internal import Jobs
public import Logging
internal import Platform
public import Site
internal import Synchronization

/// The site's cache, as far as it shows files: deletes entries that a written row made stale. What fails stays marked in the
/// job's row, and the sweep retries it; no job fails because of it. May be used from any task.
public final class SiteCache: Sendable {
    private let site: Site
    private let log: Logger
    /// Logged once, not for every file: an outage lasts for a while.
    private let isBroken = Mutex(false)

    /// The wait until a mark that could not be cleared is due again.
    private static let pause = Duration.seconds(240)
    /// In seconds; results in one or two runs of a command.
    private static let commandAge = 6.0
    /// The interval between checks for entries that readers put back.
    package static let rest = Duration.seconds(3)
    /// Files per sweep: each may cost a command.
    private static let page = 100

    public init(site: Site, log: Logger) {
        self.site = site
        self.log = log
    }

    /// Deletes the entries that show a file, if its row was written since.
    public func invalidate(_ fileID: Int64, command: [String]?) async {
        do {
            if let stale = try await site.staleDetails(of: fileID) { try await drop(stale, command) }
        } catch {
            // The mark is unchanged.
            complain("\(error)")
        }
    }

    /// Does so for all that are due, until cancelled. Stops at the first failure that the next would share.
    package func sweep(command: [String]?) async {
        do {
            let due = try await site.staleDetails(limit: Self.page)
            guard !due.isEmpty else { return }
            let thread = try BlockingThread()
            for stale in due where !Task.isCancelled {
                guard try await drop(stale, command, on: thread) else { return }
            }
        } catch {
            complain("\(error)")
        }
    }

    /// Deletes again what concurrent readers may have put back: called every few seconds, so that nothing stays for longer. The
    /// marks stay. An administrator's command only runs in the first seconds: it costs too much.
    package func followUp(command: [String]?) async {
        do {
            let fresh = try await site.freshlyWritten(limit: Self.page)
            guard !fresh.isEmpty else { return }
            let thread = try BlockingThread()
            for (file, age) in fresh where !Task.isCancelled && (command == nil || age < Self.commandAge) {
                _ = try await dropNow(file, command, on: thread)
            }
        } catch {
            complain("\(error)")
        }
    }

    /// Whether readers may have put something back.
    package var isToFollowUp: Bool { get async throws { try await !site.freshlyWritten(limit: 1).isEmpty } }

    /// False: the store is not usable at all.
    @discardableResult
    private func drop(_ stale: StaleCacheEntry, _ command: [String]?, on thread: BlockingThread? = nil) async throws -> Bool {
        do {
            let count = try await dropNow(stale, command, on: thread)
            Failpoint.cacheDropped.hit()
            try await site.dropped(stale)
            if let count, count > 0 { log.debug("Cleared \(count) cached details of file \(stale.fileID).") }
            if isBroken.exchange(false) { log.notice("The site's cache is available again.") }
            return true
        } catch {
            complain("\(error)")
            try await site.postpone(stale, by: Self.pause)
            if case CacheError.redis = error { return false }
            return true
        }
    }

    private func dropNow(_ stale: StaleCacheEntry, _ command: [String]?, on lent: BlockingThread?) async throws -> Int? {
        if let command {
            // A file without a row means nothing to the application.
            guard stale.fid != nil else { return nil }
            let (stale, root) = (stale, site.settings.root)
            let thread = if let lent { lent } else { try BlockingThread() }
            try await thread.run { try CacheCommand(words: command).run(fileID: stale.fileID, fid: stale.fid, site: root) }
            return nil
        }
        switch site.settings.cache {
        case .none, .foreign: return nil
        case .files(let folder):
            return try await drop(stale, on: lent) { try FileCache(folder: folder).drop($0) }
        case .redis(let server, let prefixes):
            return try await drop(stale, on: lent) { try RedisCache(server, prefixes: prefixes).drop($0) }
        case .table(let name, let prefixes):
            return try await site.drop(try await site.cachedEntries(of: stale.fileID), fromTable: name, prefixes: prefixes)
        }
    }

    private func drop(
        _ stale: StaleCacheEntry, on lent: BlockingThread?, _ drop: @escaping @Sendable ([CachedEntry]) throws -> Int
    ) async throws -> Int {
        let entries = try await site.cachedEntries(of: stale.fileID)
        guard !entries.isEmpty else { return 0 }
        let thread = if let lent { lent } else { try BlockingThread() }
        return try await thread.run { try drop(entries) }
    }

    private func complain(_ why: String) {
        if isBroken.exchange(true) {
            log.debug("\(why)")
        } else {
            log.warning("The site's cache could not be cleared; retrying. Visitors may see an old URL for a while. \(why)")
        }
    }
}

extension Mutex<Bool> {
    /// Sets a value, and returns the old one.
    borrowing func exchange(_ value: Bool) -> Bool {
        withLock { old in
            defer { old = value }
            return old
        }
    }
}
