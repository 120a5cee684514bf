package import FoundationEssentials
package import Site

/// Handles notifications: wakes the daemon, and replies with what it finds. It decides nothing: the database is authoritative, and a
/// lost notification does no harm.
package struct NotificationHandler: Sendable {
    let site: Site
    let since: @Sendable () -> Date?
    /// Receives the waiting files of a notification.
    let tell: @Sendable (Set<Int64>) -> Void
    let wake: @Sendable () -> Void

    /// The maximum number of files of a row to report.
    private static let mostFiles = 100

    package init(
        site: Site, since: @escaping @Sendable () -> Date?, tell: @escaping @Sendable (Set<Int64>) -> Void = { _ in },
        wake: @escaping @Sendable () -> Void
    ) {
        self.site = site
        self.since = since
        self.tell = tell
        self.wake = wake
    }

    func answer(_ body: [UInt8]) async -> NotificationResponse {
        let notice: ChangeNotification
        do { notice = try ChangeNotification(json: body) } catch { return .refusal(error) }
        // Wake before any lookup: at a post's “created”, its files are not attached yet.
        wake()
        do {
            return NotificationResponse(files: try await files(of: notice), woken: true)
        } catch {
            return NotificationResponse(status: 503, woken: true, error: "The attached files cannot be looked up: \(error)")
        }
    }

    private func files(of notice: ChangeNotification) async throws -> [NotificationResponse.File] {
        let files = try await site.files(attachedTo: notice.tableName, primaryID: notice.primaryID, limit: Self.mostFiles)
        let due = try await site.due(among: files.map(\.id), since: since())
        if !due.isEmpty { tell(due) }
        var found: [NotificationResponse.File] = []
        for file in files {
            let isTaken = due.contains(file.id) || file.state == .running
            let reason = isTaken || file.state != .waiting ? nil : try await site.refusal(of: file)
            found.append(NotificationResponse.File(id: file.id, fid: file.fid, state: "\(file.state)", taken: isTaken, reason: reason))
        }
        return found
    }
}
