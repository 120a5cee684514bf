package import FoundationEssentials
package import Site

/// Takes notifications: wakes the daemon, and answers what is found. It decides nothing; all truth stays in the database, and a
/// notification that is lost loses nothing.
package struct NotificationHandler: Sendable {
    let site: Site
    let since: @Sendable () -> Date?
    /// Takes the files of a notification that wait for us.
    let tell: @Sendable (Set<Int64>) -> Void
    let wake: @Sendable () -> Void

    /// Of a row's files, the first so many are told of.
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
        // Before anything is looked up: at a post's “created” its files are not attached yet.
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
