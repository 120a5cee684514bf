internal import HTTPClient
package import Jobs
internal import MediaWire
package import Objects
package import ObjectsS3
package import Observability
package import Platform
package import Site
package import SourceCache
internal import Synchronization
package import WorkerConfiguration

/// The stores of a site: its disk, and the bucket of each type of file that has one. May be used from any task.
///
/// Buckets are set up in the site's panel, at any time: their settings are read again for each job.
package final class Stores: Sendable {
    package let disk: LocalDisk
    private let site: Site
    private let configuration: Configuration
    private let cache = Mutex<Task<SourceCache, any Error>?>(nil)
    private let buckets = Mutex<[FileStore: Bucket]>([:])

    private struct Bucket {
        let settings: BucketSettings
        let store: S3Store
    }

    package init(_ disk: LocalDisk, site: Site, configuration: Configuration) {
        self.disk = disk
        self.site = site
        self.configuration = configuration
    }

    private var settings: StorageSettings { configuration.storage }

    /// Opens an upload: itself on the disk, a copy of it from a bucket, which other jobs may use, too.
    ///
    /// - Parameters:
    ///   - thread: for calls that block.
    ///   - onStep: called at least once a second while it is fetched; false ends that.
    package func openSource(
        _ path: String, in store: any ObjectStore, on thread: BlockingThread, onStep: @escaping @Sendable () -> Bool
    ) async throws -> SourceObject {
        guard let bucket = store as? S3Store else { return try await thread.run { try store.openSource(path, onStep: onStep) } }
        return try await bucket.openSource(path, through: try await openCache()) { _ in onStep() }
    }

    /// The object is another than the copy: the next job fetches it anew, however long the copy was to be good.
    func forgetCopy(of path: String, in store: any ObjectStore) async {
        guard let bucket = store as? S3Store, let origin = try? bucket.origin(of: path), let cache = try? await openCache() else { return }
        try? await cache.remove(origin.key)
    }

    /// Opened when it is needed first.
    package func openCache() async throws -> SourceCache {
        let configuration = configuration
        let opening = cache.withLock { cache in
            if let cache { return cache }
            let opening = Task { try await SourceCache.configured(configuration) }
            cache = opening
            return opening
        }
        do {
            return try await opening.value
        } catch {
            // The folder may be there the next time.
            cache.withLock { $0 = nil }
            throw error
        }
    }

    /// - Parameter store: a bucket.
    func origin(of path: String, in store: FileStore) async throws -> S3Origin { try await bucket(store).origin(of: path) }

    /// Where jobs write: beside copies of objects, too, once there are any. Blocks.
    package func freeSpace() throws(ObjectError) -> FreeSpace {
        var space = try disk.freeSpace()
        let usesCache = cache.withLock { $0 != nil }
        if usesCache, let free = try? FreeSpace.of(folder: settings.cache).work { space.work = min(space.work, free) }
        return space
    }

    /// What was used, for the status.
    package func report() async -> (buckets: [Status.Bucket], cache: Status.Cache?) {
        let used = buckets.withLock { $0 }
        let reports = used.sorted { $0.key.rawValue < $1.key.rawValue }.map { entry in
            let (store, traffic) = (entry.value.store, entry.value.store.traffic)
            return Status.Bucket(
                files: entry.key.rawValue, name: store.name, requests: traffic.requests, sent: traffic.sent, received: traffic.received)
        }
        guard let opening = cache.withLock(\.self), let opened = try? await opening.value else { return (reports, nil) }
        let counters = opened.statistics
        let report = Status.Cache(
            size: opened.bytes, hits: counters.hits, misses: counters.misses, evictions: counters.evictions, fetched: counters.fetchedBytes)
        return (reports, report)
    }

    package func close() async {
        guard let opened = cache.withLock(\.self) else { return }
        try? await opened.value.close()
    }

    package func callAsFunction(_ store: FileStore) async throws -> any ObjectStore {
        guard store.isBucket else { return disk }
        return try await bucket(store)
    }

    package func bucket(_ store: FileStore) async throws -> S3Store {
        guard let settings = try await site.bucket(of: store == .audios ? .audio : .video) else {
            throw ObjectError.unreachable("of the site's \(store.rawValue)", why: "The site's settings name none.")
        }
        if let bucket = buckets.withLock({ $0[store] }), bucket.settings == settings { return bucket.store }
        let opened = try open(settings)
        buckets.withLock { $0[store] = Bucket(settings: settings, store: opened) }
        return opened
    }

    private func open(_ bucket: BucketSettings) throws(ObjectError) -> S3Store {
        let region = settings.region ?? bucket.region ?? "us-east-1"
        let endpoint = settings.endpoint ?? bucket.endpoint
        let address = S3Address(
            endpoint: endpoint, bucket: bucket.name, region: region, addressing: settings.addressing.flatMap { S3Address.Addressing(rawValue: $0.rawValue) })
        guard let address else {
            throw .unreachable(bucket.name, why: "“\(endpoint ?? "")” is not an address, or “\(bucket.name)” not a bucket's name.")
        }
        var policy = HTTPPolicy()
        policy.authorities = settings.authorities
        let client = S3Client(
            address, region: region, credentials: S3Credentials(keyID: bucket.accessKey, secret: bucket.secret.text), policy: policy)
        let scratch = if let folder = configuration.scratch { try ScratchFolder(folder) } else { ScratchFolder(ours: settings.cache + "/work") }
        return S3Store(client, scratch: scratch)
    }
}

extension SourceCache {
    /// Of this host, within its disk budget.
    static func configured(_ configuration: Configuration) async throws -> SourceCache {
        let (settings, reserve) = (configuration.storage, Int64(configuration.reserve))
        let cache = try await SourceCache(
            .init(folder: settings.cache, capacity: Int64(settings.cacheSize), transfers: settings.transfers),
            hasRoom: { more in
                guard let free = try? FreeSpace.of(folder: settings.cache).work else { return true }
                return free.subtractingSaturated(more) >= reserve
            })
        // What a crash left.
        try await cache.sweep()
        return cache
    }
}
