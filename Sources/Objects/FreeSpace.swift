internal import Glibc

/// Free bytes.
public struct FreeSpace: Sendable, Equatable {
    /// Where temporary files are written.
    public var work: Int64
    /// Where results are stored, if that is another file system; else nil.
    public var storage: Int64?

    public init(work: Int64, storage: Int64? = nil) {
        self.work = work
        self.storage = storage
    }

    /// Of the file system of a folder. Blocks if the disk is slow.
    public static func of(folder: String) throws(ObjectError) -> FreeSpace {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw ObjectError(folder, call: "statvfs", code: errno) }
        return FreeSpace(work: bytes(blocks: UInt64(status.f_bavail), of: UInt64(status.f_frsize)))
    }

    /// Some network file systems return all ones.
    static func bytes(blocks: UInt64, of size: UInt64) -> Int64 {
        let (bytes, overflow) = blocks.multipliedReportingOverflow(by: size)
        return overflow ? .max : Int64(clamping: bytes)
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
