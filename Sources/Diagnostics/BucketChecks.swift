internal import Execution
internal import Jobs
internal import Objects
internal import ObjectsS3
internal import Platform
public import Site
public import WorkerConfiguration

/// Tries each bucket of a site as a job would: with an object of its own.
public enum BucketChecks {
    public static func findings(_ site: Site, _ configuration: Configuration) async -> [Finding] {
        var findings: [Finding] = []
        for (type, store) in [(MediaType.video, FileStore.videos), (.audio, .audios)] {
            do {
                guard try await site.store(of: type) == store else { continue }
                findings.append(try await probe(store, site, configuration))
            } catch {
                findings.append(
                    .bad(
                        "bucket", "The bucket of the site's \(store.rawValue): \(error)",
                        remedy: "Check the settings of the storage in the site's panel, and what its access key may do (docs/storage.md)."))
            }
        }
        return findings
    }

    private static func probe(_ store: FileStore, _ site: Site, _ configuration: Configuration) async throws -> Finding {
        let stores = Stores(try LocalDisk(root: site.settings.storageRoot), site: site, configuration: configuration)
        let bucket = try await stores.bucket(store)
        let probe = try await BlockingThread().run { try bucket.probe(in: store.rawValue) }
        let text = "The \(store.rawValue) are in \(bucket.name) (\(probe.addressing.rawValue)): an object was written, read and removed in \(probe.milliseconds) ms."
        guard abs(probe.clockSkew) > 60 else { return .good("bucket", text) }
        return .odd(
            "bucket", "\(text) Its clock differs from this host's by \(abs(probe.clockSkew)) s.",
            remedy: "Set this host's clock (timedatectl): most stores refuse requests that differ by 15 minutes.")
    }
}
