import Foundation
import Objects
import ObjectsS3
import ProgramFixture
import Testing

/// A server whose every request meets a fault when it is sent first (scripts/faulty-store.py).
@Suite(.enabled(if: TestServers.seaweed != nil, "scripts/object-stores.sh starts the servers"))
struct FaultyStoreTests {
    /// A film of several parts is published whole, and leaves no unfinished upload.
    @Test(arguments: ["cut-before", "cut-after", "cut-within", "500-before", "500-after", "503-before", "200-error-before", "200-error-after"])
    func aFilmOfSeveralPartsIsPublishedWhole(_ fault: String) async throws {
        let server = try #require(TestServers.seaweed)
        let proxy = try Program(try #require(TestServers.python), ["scripts/faulty-store.py", server, fault, "each"])
        defer { proxy.signal(SIGKILL) }
        let address = await Self.address(of: proxy)
        let folder = FileManager.default.temporaryDirectory.appending(path: "faulty-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = S3Store(try .test(address), scratch: try ScratchFolder(folder))
        let (key, source) = ("videos/\(UUID().uuidString).mp4", "videos/\(UUID().uuidString).mov")

        let upload = try store.makeWork(named: nil, for: source)
        upload.write([1, 2, 3])
        try S3Client.test(server).upload(upload.descriptor, size: 3, as: source, mime: "video/quicktime")
        let opened = try store.openSource(source, onStep: { true })
        let work = try store.makeWork(named: nil, for: key)
        let bytes = try noise((64 << 20) + 12_345)
        work.write(bytes)
        try store.publish(work, as: key, mime: "video/mp4", like: opened) { _ in true }

        let plain = S3Store(try .test(server), scratch: try ScratchFolder(folder))
        let isWhole = Data(try plain.openSource(key, onStep: { true }).bytes) == Data(bytes)
        #expect(isWhole)
        #expect(try S3Client.test(server).unfinishedUploads().allSatisfy { $0 != key })
        #expect(proxy.outputSoFar.split(separator: "\n").count { $0.hasSuffix(fault) } > 8)
        try plain.remove(key)
        try plain.remove(source)
    }

    /// A store's answer to HEAD has no words: which region it wants is asked for.
    @Test func theRegionIsLearnedFromAnyRequest() async throws {
        let proxy = try Program(try #require(TestServers.python), ["scripts/faulty-store.py", try #require(TestServers.seaweed), "region", "each"])
        defer { proxy.signal(SIGKILL) }
        let client = try S3Client.test(await Self.address(of: proxy))
        #expect(try client.look("videos/\(UUID().uuidString).mp4") == nil)
    }

    private static func address(of proxy: Program) async -> String {
        while true {
            if let line = proxy.outputSoFar.split(separator: "\n").first { return String(line) }
            await Task.yield()
        }
    }
}
