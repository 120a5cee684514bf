internal import Execution
internal import Jobs
internal import Site

/// Who holds the site's files: what daemons at odds leave in the database.
enum ClaimChecks {
    /// Every daemon takes up within seconds what has run out.
    private static let timeouts = 300.0

    static func findings(_ site: Site) async throws -> [Finding] {
        let holdings = try await site.holdings()
        return [abandoned(holdings), elsewhere(holdings, site)].compactMap(\.self)
    }

    private static func abandoned(_ holdings: [ActiveClaim]) -> Finding? {
        let left = holdings.filter { $0.overdue > timeouts }
        guard !left.isEmpty else { return nil }
        return .bad(
            "claims", "Claims ran out more than five minutes ago, and no daemon takes their files up: \(names(left)).",
            remedy: "Start the daemon (systemctl start transcoder). Where one runs, its log says what keeps it.")
    }

    /// SQLite has a lock for programs of one machine. Another container of this machine has its own name, and our boot.
    private static func elsewhere(_ holdings: [ActiveClaim], _ site: Site) -> Finding? {
        guard case .sqlite(let path) = site.settings.database else { return nil }
        let me = OwnProcess.owner()
        let others = holdings.filter { holding in
            guard let owner = holding.owner, holding.overdue <= 0 else { return false }
            return owner.host != me.host && boot(owner) != boot(me)
        }
        guard let host = others.first?.owner?.host else { return nil }
        return .odd(
            "claims",
            """
            A daemon on \(host) works on this site (\(names(others))), and its database is SQLite: \(path) on a network's disk may be \
            damaged by two hosts, for locks are not kept there.
            """, remedy: "Let one host alone work on this site, or give the site MariaDB or PostgreSQL.")
    }

    private static func boot(_ owner: Owner) -> Substring { owner.bootID.prefix { $0 != "." } }

    private static func names(_ holdings: [ActiveClaim]) -> String {
        let all = holdings.map { "file \($0.fileID)" }
        return all.count > 5 ? all.prefix(5).joined(separator: ", ") + " and \(all.count - 5) more" : all.joined(separator: ", ")
    }
}
