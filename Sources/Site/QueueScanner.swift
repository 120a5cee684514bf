public import Foundation

/// Keeps an eye on what waits, at a cost that does not grow with what a site has ever had: neither with files that are done
/// nor with drafts that nobody published, which stay in state 1 for good. A value of one loop.
///
/// A look through everything in state 1 finds all there is, whatever became of the rows in between. It is taken again only
/// when a hundred times as long as it took has gone by: at the next look on most sites, after ten minutes on the largest. Looks
/// between are at what has come since, at the jobs of ours that wait, and at the files that waited already.
public struct QueueScanner: Sendable {
    private let clock = ContinuousClock()
    /// What waited at the last look.
    private var known: [Int64] = []
    /// Whether more waited than the last looks told.
    private var isPartial = false
    private var whole: (end: ContinuousClock.Instant, took: Duration)?
    private var marks: [(moment: ContinuousClock.Instant, mark: SiteMark)] = []

    private static let rest = 100
    /// Others for tests: more than nothing for the looks between, less for the look through everything.
    var leastRest = Duration.zero, longestRest = Duration.seconds(600)
    /// A row may be committed so long after its number was given out, and so long after later ones.
    private static let slowest = Duration.seconds(60)
    /// Files of each source that a look between is at.
    private static let most = 500

    public init() {}

    /// Looks at these too, next time: somebody says that they wait.
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

    /// The first mark is where a look begins: the last one that is old enough, or the oldest.
    private mutating func pass(_ mark: SiteMark, at moment: ContinuousClock.Instant) {
        if let last = marks.last, moment - last.moment < .seconds(1) { return }
        marks.append((moment, mark))
        if let old = marks.lastIndex(where: { moment - $0.moment >= Self.slowest }) { marks.removeFirst(old) }
    }
}
