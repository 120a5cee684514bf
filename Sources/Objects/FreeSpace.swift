internal import Glibc

/// What may still be written, in bytes.
public struct FreeSpace: Sendable, Equatable {
    /// Where work is done.
    public var work: Int64
    /// Where results are put, where that is another file system; else nil.
    public var storage: Int64?

    public init(work: Int64, storage: Int64? = nil) {
        self.work = work
        self.storage = storage
    }

    /// Of the file system that a folder is on. Blocks where the disk is slow.
    public static func of(folder: String) throws(ObjectError) -> FreeSpace {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw ObjectError(folder, call: "statvfs", code: errno) }
        // Some network and FUSE file systems say that they have no end.
        let (bytes, isMore) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return FreeSpace(work: isMore ? .max : Int64(clamping: bytes))
    }
}

extension LocalDisk {
    public func freeSpace() throws(ObjectError) -> FreeSpace {
        var space = try FreeSpace.of(folder: scratch ?? root)
        if let scratch, try Self.device(scratch) != Self.device(root) {
            space.storage = try FreeSpace.of(folder: root).work
        }
        return space
    }

    private static func device(_ folder: String) throws(ObjectError) -> dev_t {
        var status = stat()
        guard stat(folder, &status) == 0 else { throw ObjectError(folder, call: "stat", code: errno) }
        return status.st_dev
    }
}
