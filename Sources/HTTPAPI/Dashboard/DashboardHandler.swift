internal import FoundationEssentials
internal import Observability
internal import Platform
internal import Site
internal import Verdicts

/// Collects the dashboard's data. However many pages are open and however often they ask, the database is queried every few
/// seconds, by one request at a time.
actor DashboardHandler {
    private let site: Site
    private let since: @Sendable () -> Date?
    private var lookups: DashboardDocument.Lookups?
    private var lastLanguage = Language.english
    private var looked: ContinuousClock.Instant?
    private var looking: Task<(DashboardDocument.Lookups, Language)?, Never>?

    private static let rest = Duration.seconds(4)
    private static let span = Duration.seconds(900)
    private static let spans = 96
    private static let finished = 24, waiting = 8

    /// - Parameter since: from the current configuration.
    init(site: Site, since: @escaping @Sendable () -> Date?) {
        self.site = site
        self.since = since
    }

    func document(_ status: Status, workers: Int, acts: Bool) async -> DashboardDocument {
        await look()
        return DashboardDocument(
            now: Date(), language: lastLanguage.rawValue, acts: acts, site: site.settings.root, workers: workers, status: status, lookups: lookups)
    }

    /// Of the page's texts: the language in which rows tell what happened. The last one known, if the database is unreachable.
    func language() async -> Language {
        await look()
        return lastLanguage
    }

    /// If the database is unreachable, the last result is shown, and the status says so. The wait for it is short.
    private func look() async {
        if let looked, ContinuousClock.now - looked < Self.rest { return }
        let task = looking ?? Task { [site, since] in try? await (Self.lookups(site, since: since()), site.language()) }
        looking = task
        let found = await Deadline.within(.seconds(2)) { await task.value }
        guard case .some(let result) = found else { return }
        looking = nil
        looked = .now
        guard let result else { return }
        lookups = result.0
        lastLanguage = result.1
    }

    private static func lookups(_ site: Site, since: Date?) async throws -> DashboardDocument.Lookups {
        // From the oldest and the newest: the longest-waiting files are among them.
        let waiting = try await site.waiting(limit: waiting, since: since).sorted { $0.waited > $1.waited }
        let finished = try await site.finished(limit: finished)
        let pages = try await site.pages(of: finished.map(\.fileID))
        return DashboardDocument.Lookups(
            waiting: waiting.prefix(Self.waiting).map(DashboardDocument.Waiting.init),
            finished: finished.map { DashboardDocument.Finished($0, pages: pages[$0.fileID] ?? []) },
            hours: .init(try await site.finished(spans: spans, of: span), of: span))
    }
}
