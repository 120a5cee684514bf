internal import Execution
internal import Jobs
internal import Site

/// Checks claims in the database: abandoned ones, and conflicting hosts.
enum ClaimChecks {
    /// Every daemon recovers an expired claim within seconds.
    private static let longestOverdue = 300.0

    static func findings(_ site: Site) async throws -> [Finding] {
        let claimRows = try await site.claimRows()
        return [abandoned(claimRows), elsewhere(claimRows, site), stray(try await site.strays(limit: 100))].compactMap(\.self)
    }

    private static func stray(_ files: [Int64]) -> Finding? {
        guard !files.isEmpty else { return nil }
        return .odd(
            "claims", "In the site's table, \(names(files)) \(files.count == 1 ? "is" : "are") running, but no transcoder holds \(files.count == 1 ? "it" : "them").",
            remedy: """
                A restored backup or a program that has ended leaves such rows. If no other program transcodes for this site: \
                “transcoder retry --force \(files.map(String.init).joined(separator: " "))”.
                """)
    }

    private static func abandoned(_ claimRows: [ActiveClaim]) -> Finding? {
        let left = claimRows.filter { $0.overdue > longestOverdue }
        guard !left.isEmpty else { return nil }
        return .bad(
            "claims", "Claims expired more than five minutes ago, and no daemon recovers their files: \(names(left.map(\.fileID))).",
            remedy: "Start the daemon (systemctl start transcoder). If one is running, its log shows the cause.")
    }

    /// SQLite locks only work between programs on one machine. Another container on this machine has its own host name, but our boot ID.
    private static func elsewhere(_ claimRows: [ActiveClaim], _ site: Site) -> Finding? {
        guard case .sqlite(let path) = site.settings.database else { return nil }
        let me = OwnProcess.owner()
        let others = claimRows.filter { holding in
            guard let owner = holding.owner, holding.overdue <= 0 else { return false }
            return owner.host != me.host && boot(owner) != boot(me)
        }
        guard let host = others.first?.owner?.host else { return nil }
        return .odd(
            "claims",
            """
            A daemon on \(host) also works on this site (\(names(others.map(\.fileID)))), and the database is SQLite: two hosts can corrupt \
            \(path) on a network disk, because locks do not work there.
            """, remedy: "Run the daemon on one host only, or move the site to MariaDB or PostgreSQL.")
    }

    private static func boot(_ owner: Owner) -> Substring { owner.bootID.prefix { $0 != "." } }

    private static func names(_ files: [Int64]) -> String {
        let all = files.map { "file \($0)" }
        return all.count > 5 ? all.prefix(5).joined(separator: ", ") + " and \(all.count - 5) more" : all.joined(separator: ", ")
    }
}
