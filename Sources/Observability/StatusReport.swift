public import FoundationEssentials
internal import Glibc
internal import MediaWire
internal import WorkerConfiguration

/// The merged status of the daemons on this host: the format of one status file, with its sources.
public struct StatusReport: Encodable, Sendable {
    public struct Instance: Codable, Sendable, Equatable {
        public var pid: Int32
        public var host: String
        public var state: Status.State
        public var startedAt: Date
        public var updatedAt: Date

        package enum CodingKeys: String, CodingKey {
            case pid, host, state
            case startedAt = "started_at"
            case updatedAt = "updated_at"
        }
    }

    public private(set) var status: Status

    /// Whether the last daemon ended without being stopped, or stands still, and no other is at work.
    public var isFault: Bool { !status.state.isLiving && status.state != .stopped }

    public private(set) var instances: [Instance]

    /// Nil if no daemon has written a status.
    public static func read(path: String, now: Date = Date()) throws -> StatusReport? {
        StatusReport(try told(path: path), now: now)
    }

    /// The last status of each daemon, the one under the configured name first; a daemon may have stopped since.
    package static func told(path: String) throws -> [Status] {
        let paths = [path] + StatusNames(path).others().map(\.path)
        var found: [Status] = []
        for path in paths {
            // A second daemon's file may disappear between listing and reading.
            guard let data = FileManager.default.contents(atPath: path) else {
                if access(path, R_OK) != 0, errno == EACCES {
                    throw ConfigurationError(
                        "status_file \(path) is not readable for this user: run this as root, as the service's user, or as a member of its group.")
                }
                continue
            }
            do {
                found.append(try Status(json: data))
            } catch {
                throw ConfigurationError("status_file \(path) is not a transcoder status file.")
            }
        }
        return found
    }

    /// The first is the one under the configured name.
    init?(_ statuses: [Status], now: Date) {
        let current = statuses.map { status in
            var status = status
            guard status.state.isLiving else { return status }
            let isGone = kill(status.pid, 0) != 0 && errno == ESRCH
            guard isGone || !Self.isFresh(status, now: now) else { return status }
            status.state = isGone ? .died : .silent
            status.running = []
            return status
        }
        // One that has ended counts only if no other is left.
        let living = current.filter(\.state.isLiving)
        let merged = living.isEmpty ? Array(current.prefix(1)) : living
        guard var sum = merged.first else { return nil }
        for other in merged.dropFirst() { sum.add(other) }
        status = sum
        instances = merged.map { status in
            Instance(
                pid: status.pid, host: status.host, state: status.state, startedAt: status.startedAt,
                updatedAt: status.updatedAt)
        }
    }

    /// Daemons write every ten seconds in any case.
    package static func isFresh(_ status: Status, now: Date) -> Bool { now.timeIntervalSince(status.updatedAt) < 30 }

    public func encode(to encoder: any Encoder) throws {
        try status.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(instances, forKey: .instances)
    }

    private enum Keys: CodingKey {
        case instances
    }

    public func json(pretty: Bool) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self) + Data("\n".utf8)
    }
}

extension Status {
    /// Two daemons on one database: the database's counts would double, their own do not.
    fileprivate mutating func add(_ other: Status) {
        counts.waiting = max(counts.waiting, other.counts.waiting)
        counts.running = max(counts.running, other.counts.running)
        counts.retrying = max(counts.retrying, other.counts.retrying)
        counts.done = counts.done.addingSaturated(other.counts.done)
        counts.failed = counts.failed.addingSaturated(other.counts.failed)
        running += other.running
        lastFailures = Array((lastFailures + other.lastFailures).sorted { $0.at > $1.at }.prefix(10))
        retrying = retrying ?? other.retrying
        database.reachable = database.reachable && other.database.reachable
        let notices = (database.notices ?? []) + (other.database.notices ?? []).filter { database.notices?.contains($0) != true }
        database.notices = notices.isEmpty ? nil : notices
        startedAt = min(startedAt, other.startedAt)
        updatedAt = max(updatedAt, other.updatedAt)
        if let disk = other.disk {
            self.disk = Disk(free: min(self.disk?.free ?? disk.free, disk.free), required: disk.required.addingSaturated(self.disk?.required ?? 0))
        }
        waitingFor = waitingFor ?? other.waitingFor
        elsewhere = elsewhere ?? other.elsewhere
        let folders = (away ?? []) + (other.away ?? []).filter { folder in !(away ?? []).contains { $0.folder == folder.folder } }
        away = folders.isEmpty ? nil : folders
        var buckets = buckets ?? []
        for bucket in other.buckets ?? [] {
            guard let index = buckets.firstIndex(where: { $0.files == bucket.files && $0.name == bucket.name }) else {
                buckets.append(bucket)
                continue
            }
            buckets[index].requests += bucket.requests
            buckets[index].sent = buckets[index].sent.addingSaturated(bucket.sent)
            buckets[index].received = buckets[index].received.addingSaturated(bucket.received)
        }
        self.buckets = buckets.isEmpty ? nil : buckets
        // Daemons of a host share the folder: its size is the same for both.
        if let more = other.cache {
            cache = cache.map {
                Cache(
                    size: max($0.size, more.size), hits: $0.hits + more.hits, misses: $0.misses + more.misses,
                    evictions: $0.evictions + more.evictions, fetched: $0.fetched.addingSaturated(more.fetched))
            } ?? more
        }
        waitingSince = [waitingSince, other.waitingSince].compactMap(\.self).min()
        totals.mediaSeconds += other.totals.mediaSeconds
        totals.bytesIn = totals.bytesIn.addingSaturated(other.totals.bytesIn)
        totals.bytesOut = totals.bytesOut.addingSaturated(other.totals.bytesOut)
        totals.processorSeconds += other.totals.processorSeconds
        if other.state == .running { state = .running }
    }
}
