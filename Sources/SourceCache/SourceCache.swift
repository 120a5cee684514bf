internal import Glibc
internal import HTTPClient
internal import Objects
internal import Platform
internal import Synchronization

/// Copies of remote sources on this host: each is fetched once, however many ask, and kept until its room is needed. May be used from any
/// task, and by several processes.
public final class SourceCache: Sendable {
    public struct Settings: Sendable, Equatable {
        public var folder: String
        /// Bytes of all whole files; the ones used least recently go first.
        public var capacity: Int64
        /// Transfers at once.
        public var transfers: Int
        /// Bytes of one source.
        public var largest: Int64

        public init(folder: String, capacity: Int64 = 20 << 30, transfers: Int = 4, largest: Int64 = 1 << 40) {
            self.folder = folder
            self.capacity = capacity
            self.transfers = transfers
            self.largest = largest
        }
    }

    /// For metrics.
    public struct Counters: Sendable, Equatable {
        public var hits = 0
        public var misses = 0
        /// Served although stale, because the origin could not be asked.
        public var stale = 0
        public var evictions = 0
        public var fetchedBytes: Int64 = 0
    }

    let settings: Settings
    let folder: CacheFolder
    let index: CacheIndex
    let counters = Mutex(Counters())
    private let transfers: TransferQueue
    private let downloads = Mutex<[String: SourceDownload]>([:])
    private let hasRoom: @Sendable (Int64) -> Bool
    private let clock: @Sendable () -> Int64

    /// Seconds since 1970.
    public static let hostClock: @Sendable () -> Int64 = { Int64(time(nil)) }

    /// - Parameters:
    ///   - hasRoom: whether the disk budget allows so many more bytes.
    ///   - clock: seconds since 1970.
    public init(
        _ settings: Settings, hasRoom: @escaping @Sendable (Int64) -> Bool = { _ in true },
        clock: @escaping @Sendable () -> Int64 = SourceCache.hostClock
    ) async throws {
        self.settings = settings
        self.hasRoom = hasRoom
        self.clock = clock
        folder = try CacheFolder(settings.folder)
        index = try await CacheIndex.open(in: settings.folder)
        folder.give(CacheIndex.file)
        transfers = TransferQueue(most: settings.transfers)
    }

    public func close() async { await index.close() }

    public var statistics: Counters { counters.withLock(\.self) }
    /// Of whole files.
    public var bytes: Int64 { index.all.reduce(0) { $0 + $1.length } }

    /// The source, open for reading, fetched first if it is not here or has changed.
    ///
    /// - Parameter onProgress: called at least once a second while it is fetched; false leaves, and ends the transfer if nobody else waits.
    public func open(
        _ origin: any CacheOrigin, onProgress: @escaping @Sendable (CacheProgress) -> Bool = { _ in true }
    ) async throws -> CachedSource {
        let now = clock()
        if let entry = index[origin.key], let stored = try await stored(entry) {
            if now < entry.validTill { return try await serve(entry, stored, .fresh) }
            if now < entry.staleTill {
                // Whoever asks next gets the new one.
                Task { _ = try? await fetch(origin, onProgress: { _ in true }) }
                return try await serve(entry, stored, .stale)
            }
            do {
                let fetched = try await fetch(origin, onProgress: onProgress)
                return try await serve(fetched, nil, fetched.path == entry.path ? .revalidated : .fetched)
            } catch where now < entry.errorTill && Self.isOutage(error) || entry.mayServeOffline && Self.isOffline(error) {
                counters.withLock { $0.stale += 1 }
                return try await serve(entry, stored, .staleAfterError)
            }
        }
        return try await serve(try await fetch(origin, onProgress: onProgress), nil, .fetched)
    }

    /// What `stale-if-error` is about (RFC 5861, 4): the origin did not answer, or has a fault. That the source is gone is an answer.
    private static func isOutage(_ error: any Error) -> Bool {
        switch error {
        case let fault as HTTPFault: fault.isTransient
        case FetchError.refused(let status): [500, 502, 503, 504].contains(status)
        default: false
        }
    }

    private static func isOffline(_ error: any Error) -> Bool {
        guard let fault = error as? HTTPFault else { return false }
        return fault.kind == .name || fault.kind == .connection
    }

    /// Removes a source: whoever has it open keeps what was opened.
    public func remove(_ key: String) async throws {
        if let entry = index[key] { folder.remove(entry.path) }
        try await index.remove(key)
    }

    // MARK: What is here

    /// Its file, if that is what was written; else its row and file go, and it is fetched again.
    private func stored(_ entry: CacheEntry) async throws -> CachedSource.File? {
        guard let file = folder.open(entry.path).map(CachedSource.File.init) else {
            try await remove(entry.key)
            return nil
        }
        if file.length == entry.length, file.written == entry.written { return file }
        let sha256 = try await transfers.run { try Digests.read(descriptor: file.descriptor, md5: false, path: entry.path).sha256 }
        if sha256 == entry.sha256 {
            var touched = entry
            touched.written = file.written
            try await index.set(touched)
            return file
        }
        try await remove(entry.key)
        return nil
    }

    private func serve(_ entry: CacheEntry, _ file: CachedSource.File?, _ how: CachedSource.Freshness) async throws -> CachedSource {
        guard let file = file ?? folder.open(entry.path).map(CachedSource.File.init) else {
            throw FetchError.folder(settings.folder, why: "\(entry.path) is gone")
        }
        counters.withLock { if how == .fetched { $0.misses += 1 } else { $0.hits += 1 } }
        try await index.touch(entry.key, at: clock())
        return CachedSource(file: file, entry: entry, how: how)
    }

    // MARK: Fetching

    private func fetch(_ origin: any CacheOrigin, onProgress: @escaping @Sendable (CacheProgress) -> Bool) async throws -> CacheEntry {
        let key = origin.key
        let (download, number, isFirst) = downloads.withLock { downloads -> (SourceDownload, Int, Bool) in
            if let running = downloads[key], let number = running.join(onProgress) { return (running, number, false) }
            let download = SourceDownload()
            downloads[key] = download
            return (download, download.join(onProgress) ?? 0, true)
        }
        if isFirst {
            Task {
                // Who waits in the queue, too, hears once a second, and may leave.
                let heartbeat = Task {
                    while true {
                        try await Task.sleep(for: .seconds(1))
                        download.tell()
                    }
                }
                let result: Result<CacheEntry, any Error>
                do { result = .success(try await transfer(origin, download)) } catch { result = .failure(error) }
                heartbeat.cancel()
                // One that all had left may have a successor.
                downloads.withLock { if $0[key] === download { $0[key] = nil } }
                download.end(result)
            }
        }
        return try await download.wait(number)
    }

    private func transfer(_ origin: any CacheOrigin, _ download: SourceDownload) async throws -> CacheEntry {
        let part = try await lock(origin.key, download)
        // Another process may have fetched it meanwhile.
        let row = try await index.reload(origin.key)
        let before = row.flatMap { row in folder.open(row.path).map(CachedSource.File.init)?.length == row.length ? row : nil }
        if let before, clock() < before.validTill {
            folder.drop(part)
            return before
        }
        let (outcome, digests) = try await run(origin, into: part, known: before?.validators, download)
        switch outcome {
        case .unchanged(let head):
            guard var entry = before else { throw FetchError.broken(why: "the server says that what is not here has not changed") }
            entry.renew(head, at: clock())
            folder.drop(part)
            try await index.set(entry)
            return entry
        case .whole(let head):
            guard let digests else { throw FetchError.cancelled }
            counters.withLock { $0.fetchedBytes += digests.size }
            let written = part.written
            let name = try folder.keep(part, extension: String(origin.url.prefix { $0 != "?" && $0 != "#" }).pathExtension)
            var entry = CacheEntry(
                key: origin.key, url: origin.url, path: name, validTill: 0, staleTill: 0, errorTill: 0, mayServeOffline: false, touched: clock(), length: digests.size,
                sha256: digests.sha256, written: written)
            entry.renew(head, at: clock())
            try await index.set(entry)
            // The row first: a file without one is found, and one without its file would be fetched again.
            if let row { folder.remove(row.path) }
            try await evict(besides: entry.key, least: bytes - settings.capacity)
            return entry
        }
    }

    /// Brings it, and makes room for it if there is none. The hash is of what is whole.
    private func run(
        _ origin: any CacheOrigin, into part: CachePart, known: Validators?, _ download: SourceDownload
    ) async throws -> (SourceTransfer.Outcome, Digests?) {
        let (largest, hasRoom) = (settings.largest, hasRoom)
        while true {
            do {
                return try await transfers.run { () -> (SourceTransfer.Outcome, Digests?) in
                    let transfer = SourceTransfer(origin, into: part, largest: largest, hasRoom: hasRoom, tell: { download.tell($0) })
                    let outcome = try transfer.run(known: known)
                    guard case .whole = outcome else { return (outcome, nil) }
                    return (outcome, try Digests.read(descriptor: part.descriptor, md5: false, path: origin.key))
                }
            } catch FetchError.noSpace(let need) {
                guard try await evict(besides: origin.key, least: need) else { throw FetchError.noSpace(need: need) }
            }
        }
    }

    /// The part of a key, once no other process has it.
    private func lock(_ key: String, _ download: SourceDownload) async throws -> CachePart {
        while true {
            if let part = try folder.part(of: key) { return part }
            // The kernel tells nobody when a lock is released; a look costs little beside a transfer.
            try await Task.sleep(for: .milliseconds(200))
            guard download.tell() else { throw FetchError.cancelled }
        }
    }

    // MARK: Room

    /// Removes what was used least recently, until that has freed so many bytes; false if there is nothing to remove.
    @discardableResult
    private func evict(besides key: String, least: Int64) async throws -> Bool {
        var freed: Int64 = 0
        for entry in index.all.sorted(by: { $0.touched < $1.touched }) where entry.key != key {
            guard freed < least else { break }
            try await remove(entry.key)
            counters.withLock { $0.evictions += 1 }
            freed += entry.length
        }
        return freed > 0
    }

    /// Both ways: files that no row names, and rows whose file is gone.
    ///
    /// - Parameter grace: younger files may be about to get their row, in seconds.
    /// - Returns: how many of each were removed.
    @discardableResult
    public func sweep(grace: Int64 = 3600) async throws -> (files: Int, rows: Int) {
        try await index.reload()
        var rows = 0
        let names = Set(folder.names)
        for entry in index.all where !names.contains(entry.path) {
            try await index.remove(entry.key)
            rows += 1
        }
        let kept = Set(index.all.map(\.path))
        let (folder, now) = (folder, clock())
        return (try await transfers.run { folder.sweep(keeping: kept, before: now - grace, partsBefore: now - 604_800) }, rows)
    }
}
