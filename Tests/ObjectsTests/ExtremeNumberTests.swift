import Glibc
import Testing

@testable import Objects

/// Numbers of a file system that is old, broken or of another age.
@Suite struct ExtremeNumberTests {
    @Test func aFileOfAnotherCenturyIsRead() throws {
        let folder = DiskFolder()
        folder.write("x", to: "a.mp4")
        // 2262 is as far as nanoseconds reach.
        let times = [timespec(tv_sec: 11_000_000_000, tv_nsec: 0), timespec(tv_sec: 11_000_000_000, tv_nsec: 1)]
        #expect(utimensat(AT_FDCWD, folder.root + "/a.mp4", times, 0) == 0)
        let disk = try folder.disk()
        let source = try disk.openSource("a.mp4")
        #expect(source.identity.modified.seconds >= 11_000_000_000)
        #expect(try disk.unchanged(source) != nil)
    }

    @Test func moreRoomThanANumberHoldsIsALot() {
        #expect(FreeSpace.bytes(blocks: .max, of: .max) == .max)
        #expect(FreeSpace.bytes(blocks: .max, of: 1) == .max)
        #expect(FreeSpace.bytes(blocks: 3, of: 4096) == 12_288)
    }
}
