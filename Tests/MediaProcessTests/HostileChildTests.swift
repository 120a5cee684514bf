import Foundation
import Glibc
import Jobs
import MediaWire
import TestSupport
import Testing
import Verdicts
@testable import MediaProcess
@testable import Platform

/// A child that was taken over has the same descriptors, and no limits of its own making.
@Suite(.serialized) struct HostileChildTests {
    private let place = TemporaryFolder()

    /// What a transcode ends with whose child does as the script says. The script may write to `$output` and `$poster`.
    private func verdict(
        _ script: String, plan: Int? = nil, _ change: (inout MediaRequest) -> Void = { _ in }
    ) async throws -> (verdict: Verdict, output: Int64, poster: Int64) {
        let paths = ["source", "output", "poster"].map { place.path + "/\($0)-\(UUID())" }
        let descriptors = paths.map { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        defer { for descriptor in descriptors { close(descriptor) } }
        var told = FakeChild.readRequest + "output='\(paths[1])'; poster='\(paths[2])'; "
        if let plan {
            var report = PlanReport()
            (report.output, report.outputSize) = ("mp4", plan)
            told += try FakeChild.send(.probed(MediaInfo())) + FakeChild.send(.planned(report))
        }
        var request = MediaRequest()
        request.task = .transcode
        change(&request)
        let child = try await FakeChild.start(told + script)
        let asked = request
        let error = await #expect(throws: Verdict.self) {
            try await BlockingThread().run { try child.perform(asked, descriptors: descriptors, stall: .seconds(30)) }
        }
        func size(_ path: String) -> Int64 {
            var status = stat()
            return stat(path, &status) == 0 ? Int64(status.st_size) : -1
        }
        return (try #require(error), size(paths[1]), size(paths[2]))
    }

    /// It says nothing any more: nobody waits for its next word.
    private func flood(_ file: String) -> String { "exec dd if=/dev/zero of=\"$\(file)\" bs=1M count=20000 2>/dev/null" }

    @Test(arguments: [nil, 100_000_000])
    func aPosterIsAFewMegabytes(plan: Int?) async throws {
        let end = try await verdict(flood("poster"), plan: plan)
        #expect(end.verdict.code == .protocolError && end.verdict.detail.contains("its poster had"), "\(end.verdict)")
        #expect(end.poster < 3 << 30)
    }

    @Test func anOutputIsAsLargeAsItWasPlanned() async throws {
        let end = try await verdict(flood("output"), plan: 1_000_000)
        #expect(end.verdict.code == .overOutputSize && end.verdict.detail.contains("at most 18027216 are expected"), "\(end.verdict)")
        #expect(end.output < 3 << 30)
    }

    @Test func nothingIsWrittenBeforeAPlan() async throws {
        let end = try await verdict(flood("output"))
        #expect(end.verdict.code == .overOutputSize && end.verdict.detail.contains("at most 1048576 are expected"), "\(end.verdict)")
    }

    /// Whatever a plan says: what no result may have, the kernel lets nobody write.
    @Test(arguments: [Int.min, -1, 0, .max]) func theKernelsLimitIsThereToo(plan: Int) async throws {
        let end = try await verdict("dd if=/dev/zero of=\"$output\" bs=1M count=40 2>/dev/null; exit 1", plan: plan) {
            $0.profile.limits.outputSize = 1 << 20
        }
        #expect(end.output <= 2 << 20)
    }

    @Test func threadsAreCountedAtOnce() async throws {
        let program = MissingLayerTests.built("sandbox-attempts")
        let start = ContinuousClock.now
        let end = try await verdict("exec '\(program)' threads 300")
        // As many as there were at the first look; not all need have been started.
        #expect(end.verdict.code == .forbiddenCall && end.verdict.detail.contains(" threads; at most 40 are expected"), "\(end.verdict)")
        #expect(start.duration(to: .now) < .seconds(20))
    }

    /// The daemon sets the limits that a child should have set itself: from the start, and lower once it has probed.
    @Test func memoryIsBoundedFromOutside() async throws {
        let program = MissingLayerTests.built("sandbox-attempts")
        func attempt(_ plan: Int?) async throws -> String {
            let script = "'\(program)' exceed-memory >&2; exit 1"
            return try await verdict(script, plan: plan) { $0.profile.limits.memory = 256 << 20 }.verdict.detail
        }
        #expect(try await attempt(nil).contains("refused ENOMEM"))
        #expect(try await attempt(1).contains("refused ENOMEM"))
    }

    @Test func theLimitsFallAfterTheProbe() async throws {
        var info = MediaInfo()
        info.decodedPixels = 100
        let script = try FakeChild.send(.probed(info)) + "read line < '\(place.path)/gate'; ulimit -Sv >&2; ulimit -Hv >&2; ulimit -Hd >&2; exit 1"
        mkfifo(place.path + "/gate", 0o600)
        let child = try await FakeChild.start(FakeChild.readRequest + script)
        var request = MediaRequest()
        request.task = .transcode
        let (asked, gate) = (request, place.path + "/gate")
        let error = await #expect(throws: Verdict.self) {
            try await BlockingThread().run {
                try child.perform(
                    asked, descriptors: [], stall: .seconds(30),
                    onMessage: { message, _ in
                        guard case .probed = message else { return }
                        Thread.detachNewThread {
                            let descriptor = open(gate, O_WRONLY | O_CLOEXEC)
                            _ = write(descriptor, "go\n", 3)
                            close(descriptor)
                        }
                    })
            }
        }
        #expect(error?.detail.contains("2097152\n2097152\n1048576") == true, "\(error?.detail ?? "")")
    }
}
