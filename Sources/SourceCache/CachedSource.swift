internal import Glibc

/// A source that is here, open for reading: it stays so, whatever becomes of its file. May be used from any thread (positioned reads only).
public final class CachedSource: Sendable {
    public enum Freshness: String, Sendable {
        /// It was fetched for this.
        case fetched
        /// From the cache: the origin was asked, and has the same.
        case revalidated
        /// From the cache, within the time that the origin allows.
        case fresh
        /// From the cache, while the origin is asked.
        case stale
        /// From the cache: the origin could not be asked.
        case staleAfterError = "stale-after-error"
    }

    public let how: Freshness
    /// Borrowed: the borrower must not close it.
    public var descriptor: CInt { file.descriptor }
    /// Bytes.
    public var length: Int64 { file.length }
    /// Lower-case hexadecimal.
    public let sha256: String
    public let etag: String?
    private let file: File

    init(file: File, entry: CacheEntry, how: Freshness) {
        self.file = file
        self.how = how
        sha256 = entry.sha256
        etag = entry.etag
    }

    /// Owns its descriptor.
    final class File: Sendable {
        let descriptor: CInt
        let length: Int64
        let written: Int64

        init(_ opened: (descriptor: CInt, length: Int64, written: Int64)) {
            descriptor = opened.descriptor
            length = opened.length
            written = opened.written
        }

        deinit {
            close(descriptor)
        }
    }
}
