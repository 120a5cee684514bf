internal import HTTPClient
package import Jobs
package import Objects
internal import ObjectsS3
internal import Site
internal import Synchronization
internal import WorkerConfiguration

/// The stores of a site: its disk, and the bucket of each type of file that has one. May be used from any task.
///
/// Buckets are set up in the site's panel, at any time: their settings are read again for each job.
package final class Stores: Sendable {
    package let disk: LocalDisk
    private let site: Site
    private let settings: StorageSettings
    private let scratch: String
    private let buckets = Mutex<[FileStore: Bucket]>([:])

    private struct Bucket {
        let settings: BucketSettings
        let store: S3Store
    }

    init(_ disk: LocalDisk, site: Site, configuration: Configuration) {
        self.disk = disk
        self.site = site
        settings = configuration.storage
        scratch = configuration.scratch ?? configuration.storage.cache
    }

    package func callAsFunction(_ store: FileStore) async throws -> any ObjectStore {
        guard store.isBucket else { return disk }
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
            endpoint: endpoint, bucket: bucket.name, region: region, addressing: settings.addressing.map { $0 == .path ? .path : .virtualHost })
        guard let address else {
            throw .unreachable(bucket.name, why: "“\(endpoint ?? "")” is not an address, or “\(bucket.name)” not a bucket's name.")
        }
        var policy = HTTPPolicy()
        policy.authorities = settings.authorities
        let client = S3Client(
            address, region: region, credentials: S3Credentials(keyID: bucket.accessKey, secret: bucket.secret.text), policy: policy)
        return S3Store(client, scratch: try ScratchFolder.made(scratch))
    }
}
