import Foundation
import Testing

@testable import Platform

/// Control groups as the kernel shows them, in a folder of ours.
struct ProcessorsTests {
    private func quota(_ membership: String, _ files: [String: String]) throws -> Double? {
        let root = FileManager.default.temporaryDirectory.appending(path: "transcoder-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in files {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return Processors.quota(membership: membership, root: root.path)
    }

    @Test func theStrictestOfAllGroupsCounts() throws {
        let files = [
            "system.slice/cpu.max": "300000 100000\n", "system.slice/transcoder.service/cpu.max": "150000 100000\n",
            "other.slice/cpu.max": "10000 100000\n",
        ]
        #expect(try quota("0::/system.slice/transcoder.service\n", files) == 1.5)
        #expect(try quota("0::/system.slice\n", files) == 3)
    }

    @Test func noLimitIsNone() throws {
        #expect(try quota("0::/a\n", ["a/cpu.max": "max 100000\n"]) == nil)
        #expect(try quota("0::/a\n", [:]) == nil)
        #expect(try quota("", [:]) == nil)
        #expect(try quota("4:cpu,cpuacct:/a\n", ["cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/a/cpu.cfs_period_us": "100000\n"]) == nil)
    }

    @Test func containersShowTheirOwnGroupAsTheRoot() throws {
        #expect(try quota("0::/\n", ["cpu.max": "200000 100000\n"]) == 2)
    }

    @Test func theFirstVersionIsReadToo() throws {
        let files = ["cpu,cpuacct/a/cpu.cfs_quota_us": "50000\n", "cpu,cpuacct/a/cpu.cfs_period_us": "100000\n"]
        #expect(try quota("11:memory:/m\n4:cpu,cpuacct:/a/b\n0::/\n", files) == 0.5)
    }

    @Test func thereIsAlwaysOne() {
        #expect(Processors.count >= 1)
    }
}
