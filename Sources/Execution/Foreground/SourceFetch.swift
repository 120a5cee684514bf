internal import HTTPClient
internal import Jobs
internal import Objects
internal import ObjectsS3
internal import Platform
internal import Site
public import SourceCache
public import WorkerConfiguration

/// Fetches one source through the cache of this host, for people: `transcoder fetch`.
public struct SourceFetch: Sendable {
    public enum Subject: Sendable {
        case url(String)
        /// `files.id`, of a file that is in a bucket.
        case file(Int64)
    }

    /// Nothing is to be fetched.
    public struct IsHere: Error, CustomStringConvertible {
        let path: String
        public var description: String { "The file is on this host's disk: \(path)" }
    }

    private let configuration: Configuration

    public init(_ configuration: Configuration) { self.configuration = configuration }

    /// - Parameter onProgress: called at least once a second; false ends it.
    public func callAsFunction(_ subject: Subject, onProgress: @escaping @Sendable (CacheProgress) -> Bool) async throws -> CachedSource {
        switch subject {
        case .url(let url):
            let allowed = configuration.storage.allowedHosts ?? []
            let cache = try await SourceCache.configured(configuration)
            let origin = try URLOrigin(
                url, seconds: 24 * 3600, isNamed: { host in HostName(host).map { named in allowed.contains { $0.isNamed(by: named) } } ?? false })
            return try await cache.open(origin, onProgress: onProgress)
        case .file(let id):
            let site = try await WorkerContext.openSite(configuration)
            do {
                let source = try await fetch(id, site, onProgress)
                await site.close()
                return source
            } catch {
                await site.close()
                throw error
            }
        }
    }

    private func fetch(_ id: Int64, _ site: Site, _ onProgress: @escaping @Sendable (CacheProgress) -> Bool) async throws -> CachedSource {
        guard let file = try await site.file(id: id) else { throw ObjectError.missing("file \(id)") }
        guard let store = try await site.store(of: file) else { throw ObjectError.unreachable("of file \(id)", why: "The site's settings name none.") }
        let disk = try LocalDisk(root: site.settings.storageRoot)
        guard store.isBucket else { throw IsHere(path: "\(disk.root)/\(file.path)") }
        let stores = Stores(disk, site: site, configuration: configuration)
        let origin = try await stores.origin(of: file.path, in: store)
        return try await stores.openCache().open(origin, onProgress: onProgress)
    }
}
