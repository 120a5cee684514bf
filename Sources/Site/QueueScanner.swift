public import Foundation

/// Scans for waiting files, at a cost that does not grow with the site's history: neither with finished files
/// nor with unpublished drafts, which stay in state 1 forever. A value of one loop.
///
/// A full scan of state 1 finds everything, whatever happened to the rows in between. It runs again only
/// after a hundred times its own duration: at the next pass on most sites, after ten minutes on the largest. Passes
/// in between check newer rows, our waiting jobs, and the files that waited before.
public struct QueueScanner: Sendable {
    private let clock = ContinuousClock()
    /// The waiting files of the last scan.
    private var known: [Int64] = []
    /// Whether more files waited than the last scans returned.
    private var isPartial = false
    private var whole: (end: ContinuousClock.Instant, took: Duration)?
    private var marks: [(moment: ContinuousClock.Instant, mark: SiteMark)] = []

    private static let rest = 100
    /// Other values for tests: more for the passes in between, less for the full scan.
    var leastRest = Duration.zero, longestRest = Duration.seconds(600)
    /// A row may commit this long after its ID was assigned, and after later IDs.
    private static let slowest = Duration.seconds(60)
    /// Files per source in a pass.
    private static let most = 500

    public init() {}

    /// Also checks these files next time: a notification names them.
    public mutating func expect(_ files: Set<Int64>) { known += files }

    /// As `Site.waiting`.
    public mutating func waiting(on site: Site, limit: Int, since: Date?) async throws -> [QueuedFile] {
        let files = try await isDue(limit) ? all(site, limit, since) : latest(site, since)
        known = files.map(\.file.id)
        return files
    }

    private func isDue(_ limit: Int) -> Bool {
        guard let whole else { return true }
        let rest = max(leastRest, min(whole.took * Self.rest, longestRest))
        return isPartial && known.count < limit || clock.now - whole.end >= rest
    }

    private mutating func all(_ site: Site, _ limit: Int, _ since: Date?) async throws -> [QueuedFile] {
        let start = clock.now
        let mark = try await site.mark()
        let files = try await site.waiting(limit: limit, since: since)
        whole = (clock.now, clock.now - start)
        pass(mark, at: start)
        isPartial = files.count >= limit
        return files
    }

    private mutating func latest(_ site: Site, _ since: Date?) async throws -> [QueuedFile] {
        let start = clock.now
        let (mark, fresh) = try await site.arrivals(after: marks[0].mark, limit: Self.most)
        pass(mark, at: start)
        if fresh.count >= Self.most { isPartial = true }
        return try await site.waiting(among: fresh.union(known), since: since)
    }

    /// The first mark is where a pass starts: the last one that is old enough, or the oldest.
    private mutating func pass(_ mark: SiteMark, at moment: ContinuousClock.Instant) {
        if let last = marks.last, moment - last.moment < .seconds(1) { return }
        marks.append((moment, mark))
        if let old = marks.lastIndex(where: { moment - $0.moment >= Self.slowest }) { marks.removeFirst(old) }
    }
}
