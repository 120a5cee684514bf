import Foundation
import Glibc
import Jobs
import MediaWire
import Site
import SiteFixture
import Synchronization
import Testing
import TestSupport
@testable import Daemon
@testable import Execution
@testable import Observability
@testable import WorkerConfiguration

/// The status file through some hundred jobs of all kinds of ends: whoever reads it, at whatever moment, finds one that is whole
/// and follows the schema.
@Suite struct BusyStatusTests {
    @Test func everyVersionOfTheFileFollowsTheSchema() async throws {
        let site = try await JobSite()
        let kinds = ["hello.wav", "bad/text.mp4", "tune.mp3", "bad/empty.mp4", nil, "voice.amr", "bad/truncated.mp4", "hello.wav"]
        let count = 160
        for index in 0..<count { _ = try await site.publish(kinds[index % kinds.count]) }
        // Now and then one crashes, and is tried again.
        let program = try site.program("[ $(($$ % 9)) != 0 ] || { \(FakeChild.readRequest) kill -ABRT $$; }; exec '\(JobSite.program)'")
        let configuration = site.configuration(program: program) { ($0.reuse, $0.retry.base, $0.retry.missingWait) = (.off, .seconds(3), .seconds(1)) }
        let reader = StatusReader(path: configuration.statusFile)
        reader.start()
        let context = try await site.context(configuration)
        await context.site.close()
        try await Service.run(
            configuration, untilIdle: true, stops: AsyncStream { _ in }, sandbox: SandboxReport(), environment: [:], log: context.log)
        let seen = await reader.stop()

        let schema = try StatusSchema.load()
        #expect(seen.count > 5, "\(seen.count) versions")
        var (done, failed) = (0, 0)
        for data in seen {
            let faults = try schema.faults(in: data)
            #expect(faults == [], "\(String(decoding: data, as: UTF8.self))")
            let status = try Status(json: data)
            #expect(status.counts.done >= done && status.counts.failed >= failed, "what was done stays done")
            (done, failed) = (status.counts.done, status.counts.failed)
            #expect(status.running.count <= 2 && status.counts.running <= 2)
            #expect((status.waitingSince == nil) == (status.counts.waiting == 0))
        }
        #expect(done + failed == count && failed >= count / 2)
        let statuses = try seen.map { try Status(json: $0) }
        #expect(statuses.contains { !$0.running.isEmpty } && statuses.contains { $0.retrying?.isEmpty == false })
        // The first is there for moments only.
        #expect(statuses.last?.state == .stopped)
    }
}

/// Reads a file again whenever another has taken its place: on a thread of its own, without a pause.
private final class StatusReader: Sendable {
    private let path: String
    private let state = Mutex<(seen: [Data], isOver: Bool, hasEnded: Bool)>(([], false, false))

    init(path: String) { self.path = path }

    func start() {
        Thread.detachNewThread { [self] in
            var last: UInt64 = 0
            while true {
                // Asked before the look: the last version is seen, too.
                let isOver = state.withLock { $0.isOver }
                let descriptor = open(path, O_RDONLY | O_CLOEXEC)
                if descriptor >= 0 {
                    var status = stat()
                    fstat(descriptor, &status)
                    // A file that has just gone may have lent its number to the next one.
                    let mark = UInt64(status.st_ino) << 32 ^ UInt64(status.st_mtim.tv_nsec) ^ UInt64(status.st_mtim.tv_sec) << 16
                    if mark != last {
                        last = mark
                        let data = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readDataToEndOfFile()
                        state.withLock { $0.seen.append(data) }
                    }
                    close(descriptor)
                }
                if isOver { break }
                usleep(1000)
            }
            state.withLock { $0.hasEnded = true }
        }
    }

    func stop() async -> [Data] {
        state.withLock { $0.isOver = true }
        while !state.withLock({ $0.hasEnded }) { await Task.yield() }
        return state.withLock { $0.seen }
    }
}
