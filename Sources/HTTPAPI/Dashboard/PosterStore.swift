internal import FoundationEssentials
internal import Glibc
internal import Jobs
internal import MediaProcess
internal import Objects
internal import Platform
internal import Site

/// Serves the posters of finished files. A client passes a file's ID; the path comes from the job table,
/// stays in the site's stores, and must be an image.
struct PosterStore: Sendable {
    private let site: Site
    private let store: @Sendable (FileStore) async throws -> any ObjectStore
    private let thread: BlockingThread

    /// Our posters are less than a tenth of this.
    private static let largest: Int64 = 4 << 20

    init(site: Site, store: @escaping @Sendable (FileStore) async throws -> any ObjectStore) throws(ThreadError) {
        thread = try BlockingThread()
        self.site = site
        self.store = store
    }

    /// A JPEG; nil if there is none.
    func poster(of id: Int64) async -> [UInt8]? {
        guard let path = try? await site.publishedPoster(of: id), let job = try? await site.job(of: id),
            let store = try? await store(job.store)
        else { return nil }
        return try? await thread.run {
            guard let size = try store.look(path)?.size, size <= Self.largest else { return nil }
            let source = try store.openSource(path, onStep: { true })
            guard source.size <= Self.largest, PosterCheck.jpegSize(descriptor: source.descriptor) != nil else { return nil }
            var bytes = [UInt8](repeating: 0, count: Int(source.size))
            let count = pread(source.descriptor, &bytes, bytes.count, 0)
            return count == bytes.count ? bytes : nil
        }
    }
}
