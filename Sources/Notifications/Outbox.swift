internal import FoundationEssentials
internal import SQL
package import Site

/// The messages of a site, in a table of ours beside Fresns' own: what was told of each cause, and what is still to be sent. Several hosts
/// share it. Each method is one transaction.
package struct Outbox: Sendable {
    enum Channel: String, Sendable, CaseIterable { case webhook, command }

    /// A message to deliver, claimed by us.
    struct Delivery: Sendable, Equatable {
        var id: String
        var channel: Channel
        var cause: String
        /// Raised by every claim: who has a smaller one has lost it.
        var token: Int64
        var attempts: Int64
        var body: [UInt8]
    }

    /// A cause that is told as failing.
    struct OpenCause: Sendable, Equatable {
        var channel: Channel
        var cause: String
        var code: String
        /// Only this host can tell when it is over.
        var host: String?
        var fileID: Int64?
        var since: Date
    }

    static let name = "transcoder_notices"
    let site: Site
    /// Ours.
    let host: String

    package init(site: Site, host: String) {
        self.site = site
        self.host = host
    }

    private var table: Query { site.schema.dialect.name(site.schema.prefix + Self.name) }
    private var now: Query { site.schema.dialect.milliseconds }

    /// What the daemon's database user needs.
    package static func rights(_ site: Site) -> NeededRight {
        NeededRight(table: site.schema.prefix + name, verbs: NeededRight.Verb.allCases)
    }

    /// Creates the table if it is missing. Returns the statements that were needed.
    @discardableResult
    package func prepare(dryRun: Bool = false) async throws -> [String] {
        let dialect = site.schema.dialect
        guard try await site.database.columns(of: site.schema.prefix + Self.name) == nil else { return [] }
        let create: Query = """
            CREATE TABLE IF NOT EXISTS \(table) (id VARCHAR(80) NOT NULL PRIMARY KEY, channel VARCHAR(16) NOT NULL, cause VARCHAR(40) NOT NULL, \
            number BIGINT NOT NULL, kind VARCHAR(16) NOT NULL, code VARCHAR(32) NOT NULL, host VARCHAR(255), file_id BIGINT, \
            failures BIGINT NOT NULL, since BIGINT NOT NULL, body \(dialect.longText) NOT NULL, created_at BIGINT NOT NULL, \
            due_at BIGINT NOT NULL, next_at BIGINT NOT NULL, token BIGINT NOT NULL DEFAULT 0, leased_until BIGINT, \
            attempts BIGINT NOT NULL DEFAULT 0, ended_at BIGINT)\(dialect.tableOptions)
            """
        if !dryRun { try await site.database.define(create) }
        return [create.text(for: dialect)]
    }

    /// Something failed. Returns whether a message will tell; another host may have been faster, or the hour is not over.
    func add(_ incident: Incident, to channel: Channel) async throws -> Bool {
        let (table, moment, site, host) = (table, now, site.settings.appURL, host)
        return try await exclusively { session in
            let (latest, now) = try Self.latest(incident.cause, channel, session, table, moment)
            func id(_ number: Int64) -> String { "\(channel.rawValue)/\(incident.cause)/\(number)" }
            switch TellingRule.failed(latest, at: now) {
            case .nothing, .withdraw: return false
            case .count:
                guard let number = latest?.number else { return false }
                try session.execute(
                    """
                    UPDATE \(table) SET failures = failures + 1, file_id = COALESCE(\(incident.file?.id), file_id) \
                    WHERE id = \(id(number))
                    """)
                return false
            case .tell(let number, let dueAt, let since, let failures):
                let message = Message(
                    incident, site: site, host: host, since: Self.date(since), failures: failures, at: Self.date(now))
                try session.execute(
                    """
                    INSERT INTO \(table) (id, channel, cause, number, kind, code, host, file_id, failures, since, body, created_at, due_at, next_at) \
                    VALUES (\(id(number)), \(channel.rawValue), \(incident.cause), \(number), 'failure', \(incident.code), \
                    \(incident.isOfHost ? host : nil), \(incident.file?.id), 0, \(since), \
                    \(String(decoding: message.json, as: UTF8.self)), \(now), \(dueAt), \(dueAt))
                    """)
                return true
            }
        }
    }

    /// A cause is over.
    func end(_ open: OpenCause) async throws -> Bool {
        let (table, moment, site, host) = (table, now, site.settings.appURL, host)
        return try await exclusively { session in
            let (latest, now) = try Self.latest(open.cause, open.channel, session, table, moment)
            func id(_ number: Int64) -> String { "\(open.channel.rawValue)/\(open.cause)/\(number)" }
            switch TellingRule.ended(latest, at: now) {
            case .nothing, .count: return false
            case .withdraw:
                if let number = latest?.number { try session.execute("DELETE FROM \(table) WHERE id = \(id(number)) AND attempts = 0") }
                return false
            case .tell(let number, let dueAt, let since, _):
                let message = Message(endOf: open.cause, code: open.code, site: site, host: host, since: Self.date(since), at: Self.date(now))
                try session.execute(
                    """
                    INSERT INTO \(table) (id, channel, cause, number, kind, code, failures, since, body, created_at, due_at, next_at) \
                    VALUES (\(id(number)), \(open.channel.rawValue), \(open.cause), \(number), 'recovery', \(open.code), 0, \(since), \
                    \(String(decoding: message.json, as: UTF8.self)), \(now), \(dueAt), \(dueAt))
                    """)
                return true
            }
        }
    }

    /// The causes whose latest message says that they fail.
    func open(_ channels: [Channel]) async throws -> [OpenCause] {
        let sql: Query = """
            SELECT n.channel AS channel, n.cause AS cause, n.code AS code, n.host AS host, n.file_id AS file_id, n.since AS since \
            FROM \(table) n WHERE n.kind = 'failure' AND n.channel IN (\(.list(channels.map(\.rawValue)))) \
            AND NOT EXISTS (SELECT 1 FROM \(table) m WHERE m.channel = n.channel AND m.cause = n.cause AND m.number > n.number)
            """
        return try await site.database.read { session in
            try session.query(sql).compactMap { row in
                guard let channel = row.text("channel").flatMap(Channel.init), let cause = row.text("cause"), let code = row.text("code"),
                    let since = row.int("since")
                else { return nil }
                return OpenCause(
                    channel: channel, cause: cause, code: code, host: row.text("host"), fileID: row.int("file_id"), since: Self.date(since))
            }
        }
    }

    /// The next message that is due; nil if there is none, or another host has it. A cause's messages are sent in their order.
    func claim(_ channels: [Channel], lease: Duration) async throws -> Delivery? {
        let (table, now) = (table, now)
        let look: Query = """
            SELECT n.id AS id, n.channel AS channel, n.cause AS cause, n.token AS token, n.attempts AS attempts, n.body AS body \
            FROM \(table) n WHERE \(isNext(channels)) AND n.next_at <= \(now) AND (n.leased_until IS NULL OR n.leased_until < \(now)) \
            ORDER BY n.next_at LIMIT 1
            """
        let milliseconds = Int64(lease / .milliseconds(1))
        return try await site.database.write { session in
            guard let row = try session.query(look).first, let id = row.text("id"), let channel = row.text("channel").flatMap(Channel.init),
                let cause = row.text("cause"), let token = row.int("token"), token < 1 << 60, let attempts = row.int("attempts"), attempts < 1 << 30,
                let body = row.text("body")
            else { return nil }
            let taken = try session.execute(
                """
                UPDATE \(table) SET token = token + 1, attempts = attempts + 1, leased_until = \(now) + \(milliseconds) \
                WHERE id = \(id) AND token = \(token) AND ended_at IS NULL
                """)
            guard taken == 1 else { return nil }
            return Delivery(
                id: id, channel: channel, cause: cause, token: token + 1, attempts: attempts + 1, body: Array(body.utf8))
        }
    }

    /// The message `n` is still to be sent, and none of its cause before it is.
    private func isNext(_ channels: [Channel]) -> Query {
        """
        n.ended_at IS NULL AND n.channel IN (\(.list(channels.map(\.rawValue)))) AND NOT EXISTS (SELECT 1 FROM \(table) e \
        WHERE e.channel = n.channel AND e.cause = n.cause AND e.number < n.number AND e.ended_at IS NULL)
        """
    }

    /// Nothing more is to be done for it. False: the claim was lost.
    func settle(_ delivery: Delivery) async throws -> Bool {
        let sql: Query = "UPDATE \(table) SET ended_at = \(now), leased_until = NULL WHERE id = \(delivery.id) AND token = \(delivery.token)"
        return try await site.database.write { session in try session.execute(sql) == 1 }
    }

    /// It could not be delivered. Returns whether it is tried again.
    func postpone(_ delivery: Delivery) async throws -> Bool {
        let (table, now) = (table, now)
        let later: Query = """
            UPDATE \(table) SET next_at = \(now) + \(DeliveryBackoff.wait(after: delivery.attempts)), leased_until = NULL \
            WHERE id = \(delivery.id) AND token = \(delivery.token) AND created_at > \(now) - \(DeliveryBackoff.limit)
            """
        let end: Query = "UPDATE \(table) SET ended_at = \(now), leased_until = NULL WHERE id = \(delivery.id) AND token = \(delivery.token)"
        return try await site.database.write { session in
            if try session.execute(later) == 1 { return true }
            try session.execute(end)
            return false
        }
    }

    /// Milliseconds until the next message is due; nil if there is none.
    func nextDue(_ channels: [Channel]) async throws -> Int64? {
        let sql: Query = """
            SELECT MIN(CASE WHEN n.leased_until > n.next_at THEN n.leased_until ELSE n.next_at END) - \(now) AS wait FROM \(table) n \
            WHERE \(isNext(channels))
            """
        return try await site.database.read { session in try session.query(sql).first?.int("wait") }
    }

    /// Removes what was sent more than a month ago, but for each cause's latest messages, and gives up what nobody could send for a day.
    func clean() async throws {
        let (table, now) = (table, now)
        let month: Int64 = 30 * 86_400_000
        let old: Query = """
            SELECT n.id AS id FROM \(table) n WHERE n.ended_at < \(now) - \(month) AND EXISTS (SELECT 1 FROM \(table) m \
            WHERE m.channel = n.channel AND m.cause = n.cause AND m.number > n.number + 1) LIMIT 500
            """
        try await site.database.write { session in
            try session.execute(
                """
                UPDATE \(table) SET ended_at = \(now) WHERE ended_at IS NULL AND due_at < \(now) - \(2 * DeliveryBackoff.limit) \
                AND (leased_until IS NULL OR leased_until < \(now))
                """)
            let ids = try session.query(old).compactMap { $0.text("id") }
            if !ids.isEmpty { try session.execute("DELETE FROM \(table) WHERE id IN (\(.list(ids)))") }
        }
    }

    /// Two hosts may give a message the same number: the key refuses the second, who then looks again.
    private func exclusively(_ body: @escaping @Sendable (any SQLSession) throws -> Bool) async throws -> Bool {
        do {
            return try await site.database.write(body)
        } catch let error as SQLError where error.code == .constraint {
            return try await site.database.write(body)
        }
    }

    private static func latest(
        _ cause: String, _ channel: Channel, _ session: any SQLSession, _ table: Query, _ moment: Query
    ) throws -> (TellingRule.Latest?, now: Int64) {
        let now = try session.query("SELECT \(moment) AS now").first?.int("now") ?? 0
        func latest(_ more: Query) throws -> SQLRow? {
            try session.query(
                """
                SELECT number, kind, due_at, since, failures FROM \(table) WHERE channel = \(channel.rawValue) AND cause = \(cause)\(more) \
                ORDER BY number DESC LIMIT 1
                """
            ).first
        }
        guard let row = try latest("") else { return (nil, now) }
        let isFailure = row.text("kind") == Message.Kind.failure.rawValue
        let failure = isFailure ? nil : try latest(" AND kind = 'failure'")?.int("due_at")
        return (
            TellingRule.Latest(
                number: bounded(row.int("number")), isFailure: isFailure, dueAt: bounded(row.int("due_at")), since: bounded(row.int("since")),
                failures: bounded(row.int("failures")), failureDueAt: failure.map(bounded)), now
        )
    }

    /// A number of a row, whatever it holds: none overflows, and each is a time that can be written.
    private static func bounded(_ number: Int64?) -> Int64 { min(max(0, number ?? 0), 253_402_300_799_000) }

    private static func date(_ milliseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(bounded(milliseconds)) / 1000) }
}
